//! YAML out, and the step templates in: the only file that knows `serde_yaml`.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::RenderError;

pub fn write(value: &impl Serialize) -> Result<String, RenderError> {
    serde_yaml::to_string(value).map_err(|error| RenderError(error.to_string()))
}

pub fn read<T: DeserializeOwned>(path: &str, text: &str) -> Result<T, RenderError> {
    serde_yaml::from_str(text).map_err(|error| RenderError(format!("{path}: {error}")))
}
