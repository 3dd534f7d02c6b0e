//! The plots: time over machines, both in logarithms, as SVG for pages that are light and for those that are dark.
//!
//! Knows how a line looks. Does not know which lines there are.

use std::error::Error;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::goals::counted;

/// A line: its name, and seconds over machines.
pub struct Line {
    pub name: String,
    pub points: Vec<(f64, f64)>,
    pub weight: Weight,
}

/// What the eye shall find first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    Main,
    Other,
}

/// The page that the plot stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    Light,
    Dark,
}

impl Page {
    pub const ALL: [Self; 2] = [Self::Light, Self::Dark];

    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn ground(self) -> RGBColor {
        match self {
            Self::Light => RGBColor(255, 255, 255),
            Self::Dark => RGBColor(13, 17, 23),
        }
    }

    fn ink(self) -> RGBColor {
        match self {
            Self::Light => RGBColor(31, 35, 40),
            Self::Dark => RGBColor(240, 246, 252),
        }
    }

    fn rule(self) -> RGBColor {
        match self {
            Self::Light => RGBColor(222, 226, 230),
            Self::Dark => RGBColor(48, 54, 61),
        }
    }

    /// Colours that people with any sight tell apart (after Okabe and Ito), darker on light ground and lighter on dark.
    fn colours(self) -> [RGBColor; 9] {
        let light = [
            (0, 114, 178),
            (213, 94, 0),
            (0, 130, 95),
            (180, 80, 140),
            (176, 120, 0),
            (40, 140, 200),
            (110, 80, 170),
            (110, 110, 110),
            (150, 60, 40),
        ];
        let dark = [
            (86, 160, 220),
            (240, 130, 50),
            (40, 190, 140),
            (220, 140, 185),
            (230, 175, 40),
            (120, 200, 245),
            (170, 140, 230),
            (160, 160, 160),
            (220, 120, 100),
        ];
        match self {
            Self::Light => light,
            Self::Dark => dark,
        }
        .map(|(red, green, blue)| RGBColor(red, green, blue))
    }
}

const SIZE: (u32, u32) = (960, 560);
/// Where the names of lines stand, right of the last machines.
const NAMES: u32 = 250;
/// The least distance of two names, in pixels.
const LINE: i32 = 17;

/// One plot as SVG.
///
/// # Errors
/// Where the library refuses.
pub fn draw(title: &str, lines: &[Line], page: Page) -> Result<String, Box<dyn Error>> {
    let mut text = String::new();
    let root = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
    root.fill(&page.ground())?;
    let (least, most, machines) = bounds(lines);
    let ink = page.ink();
    let mut chart = ChartBuilder::on(&root)
        .margin(16)
        .margin_right(NAMES)
        .caption(title, ("sans-serif", 18).into_font().color(&ink))
        .x_label_area_size(44)
        .y_label_area_size(70)
        .build_cartesian_2d((10.0..machines).log_scale(), (least..most).log_scale())?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(page.rule())
        .axis_style(page.rule())
        .label_style(("sans-serif", 14).into_font().color(&ink))
        .axis_desc_style(("sans-serif", 14).into_font().color(&ink))
        .x_desc("machines")
        .x_labels(4)
        .y_labels(8)
        .x_label_formatter(&|value| counted(value.round() as usize))
        .y_label_formatter(&|value| time(*value))
        .draw()?;
    let mut names = Vec::new();
    let mut drawn: Vec<(usize, &Line)> = lines.iter().enumerate().collect();
    // What matters most lies on top.
    drawn.sort_by_key(|(_, line)| line.weight == Weight::Main);
    for (index, line) in drawn {
        let (colour, width) = match line.weight {
            Weight::Main => (ink, 4),
            Weight::Other => (page.colours()[index % 9], 2),
        };
        chart.draw_series(LineSeries::new(line.points.clone(), colour.stroke_width(width)))?;
        chart.draw_series(line.points.iter().map(|point| Circle::new(*point, width + 1, colour.filled())))?;
        let last = line.points.last().ok_or("a line without points")?;
        names.push((chart.backend_coord(last), line.name.as_str(), colour));
    }
    write_names(&root, names)?;
    root.present()?;
    drop(chart);
    drop(root);
    Ok(text)
}

/// The least and the most time, with room above and below, and the most machines.
fn bounds(lines: &[Line]) -> (f64, f64, f64) {
    let points = lines.iter().flat_map(|line| &line.points);
    let (least, most, machines) = points.fold((f64::INFINITY, 0.0_f64, 10.0_f64), |(least, most, machines), (at, value)| {
        (least.min(*value), most.max(*value), machines.max(*at))
    });
    (least.max(1e-5) / 1.5, most * 1.5, machines)
}

/// A power of ten.
fn time(seconds: f64) -> String {
    let (value, unit) = match seconds {
        micro if micro < 1e-3 => (micro * 1e6, "µs"),
        milli if milli < 1.0 => (milli * 1e3, "ms"),
        whole => (whole, "s"),
    };
    format!("{value:.0} {unit}")
}

/// The names beside the ends of their lines; those that would lie upon each other are moved down.
fn write_names(
    root: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
    mut names: Vec<((i32, i32), &str, RGBColor)>,
) -> Result<(), Box<dyn Error>> {
    names.sort_by_key(|((x, y), _, _)| (*x, *y));
    let mut above: Option<(i32, i32)> = None;
    for ((x, y), name, colour) in names {
        let y = above.filter(|(column, _)| *column == x).map_or(y, |(_, taken)| y.max(taken + LINE));
        above = Some((x, y));
        let style = ("sans-serif", 14).into_font().color(&colour).pos(Pos::new(HPos::Left, VPos::Center));
        root.draw(&Text::new(name.to_owned(), (x + 10, y), style))?;
    }
    Ok(())
}
