//! kubean's objects as its API defines them (kubean.io/v1alpha1; the schema is the same from v0.9.0 to v0.37.0).
//!
//! Responsible for: their shape in YAML. What the operator fills in itself stands in no type here. Does not know why an operation is
//! there, nor what a playbook does.

use serde::Serialize;

/// `clusteroperations.kubean.io`: one run of playbooks against one cluster.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterOperation {
    pub api_version: &'static str,
    pub kind: &'static str,
    pub metadata: Metadata,
    pub spec: OperationSpec,
}

#[derive(Debug, Clone, Serialize)]
pub struct Metadata {
    pub name: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OperationSpec {
    /// The `clusters.kubean.io` resource.
    pub cluster: String,
    pub image: String,
    #[serde(flatten)]
    pub main: Call,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pre_hook: Vec<Call>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub post_hook: Vec<Call>,
}

/// One playbook: the operation's own, or that of a hook. Nothing of one call carries over to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    pub action_type: ActionType,
    /// The playbook's file name.
    pub action: String,
    /// `None`: the operator's own playbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action_source: Option<ActionSource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action_source_ref: Option<SourceReference>,
    /// Shell text that follows the playbook's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra_args: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ActionType {
    Playbook,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ActionSource {
    Configmap,
}

/// The ConfigMap that holds a playbook under its file name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceReference {
    pub name: String,
    pub namespace: String,
}

impl ClusterOperation {
    pub fn new(name: &str, spec: OperationSpec) -> Self {
        let metadata = Metadata { name: name.to_owned() };
        Self { api_version: "kubean.io/v1alpha1", kind: "ClusterOperation", metadata, spec }
    }
}

impl Call {
    /// A playbook that the operator brings.
    pub fn builtin(playbook: &str, arguments: &str) -> Self {
        let extra_args = (!arguments.is_empty()).then(|| arguments.to_owned());
        Self { action_type: ActionType::Playbook, action: playbook.to_owned(), action_source: None, action_source_ref: None, extra_args }
    }

    /// A playbook in a ConfigMap of its own.
    pub fn own(playbook: &str, reference: SourceReference, arguments: &str) -> Self {
        let call = Self::builtin(playbook, arguments);
        Self { action_source: Some(ActionSource::Configmap), action_source_ref: Some(reference), ..call }
    }

    pub fn arguments(&self) -> &str {
        self.extra_args.as_deref().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_operation_holds_what_the_api_knows_and_no_more() {
        let reference = SourceReference { name: "a-clean".into(), namespace: "kubean-system".into() };
        let spec = OperationSpec {
            cluster: "centos".into(),
            image: "spray-job:v0.12.2".into(),
            main: Call::builtin("remove-node.yml", "-e node=m-2"),
            pre_hook: Vec::new(),
            post_hook: vec![Call::own("clean.yml", reference, "-e node=m-2"), Call::builtin("cluster-info.yml", "")],
        };
        let expected = json!({
            "apiVersion": "kubean.io/v1alpha1", "kind": "ClusterOperation", "metadata": {"name": "a"},
            "spec": {
                "cluster": "centos", "image": "spray-job:v0.12.2",
                "actionType": "playbook", "action": "remove-node.yml", "extraArgs": "-e node=m-2",
                "postHook": [
                    {
                        "actionType": "playbook", "action": "clean.yml", "actionSource": "configmap",
                        "actionSourceRef": {"name": "a-clean", "namespace": "kubean-system"}, "extraArgs": "-e node=m-2",
                    },
                    {"actionType": "playbook", "action": "cluster-info.yml"},
                ],
            },
        });
        assert_eq!(json!(ClusterOperation::new("a", spec)), expected);
    }
}
