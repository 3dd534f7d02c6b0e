//! What was measured, as data: kept between measuring and reporting.
//!
//! Does not know how it was measured, nor how it is shown.

use serde::{Deserialize, Serialize};

/// Everything that one run of the suite measured.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Results {
    /// What it ran on and with: a name, and what was read.
    pub setup: Vec<(String, String)>,
    pub rooms: Vec<Rooms>,
    pub runs: Vec<Run>,
    /// What was not measured, and why.
    pub left_out: Vec<String>,
}

/// One room of one compile.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Room {
    pub name: String,
    pub seconds: f64,
    /// The most memory that the process had while it was in the room, in bytes.
    pub peak: usize,
}

/// All rooms of one compile, in order.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Rooms {
    pub fleet: String,
    pub machines: usize,
    pub rooms: Vec<Room>,
    /// Files of the plan, and their size in bytes.
    pub files: usize,
    pub bytes: usize,
}

/// A program that was run over a fleet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Run {
    pub fleet: String,
    pub machines: usize,
    pub what: String,
    /// The median of this many rounds.
    pub seconds: f64,
    pub rounds: usize,
    /// The most memory of any round, in bytes.
    pub peak: usize,
    /// Files that the program left, and their size in bytes.
    pub files: usize,
    pub bytes: usize,
}

impl Results {
    pub fn run(&self, fleet: &str, machines: usize, what: &str) -> Option<&Run> {
        self.runs.iter().find(|run| run.fleet == fleet && run.machines == machines && run.what == what)
    }
}

/// The middle one of some numbers; the upper one of an even count.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The exponent with which something grows: the slope of the logarithms by least squares, over points of (size, value).
pub fn exponent(points: &[(usize, f64)]) -> Option<f64> {
    let logarithms: Vec<(f64, f64)> = points.iter().map(|(size, value)| ((*size as f64).ln(), value.max(1e-9).ln())).collect();
    let count = logarithms.len() as f64;
    let (sum_x, sum_y) = logarithms.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0, y + point.1));
    let (mean_x, mean_y) = (sum_x / count, sum_y / count);
    let above: f64 = logarithms.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let below: f64 = logarithms.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    (below > 0.0).then(|| above / below)
}
