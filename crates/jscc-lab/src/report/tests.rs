use proptest::prelude::*;
use resvg::tiny_skia::Pixmap;
use resvg::usvg::roxmltree::{Document, Node};

use super::axis::{Axis, label};
use super::plot::plot;
use super::*;

const SNRS: [f64; 3] = [-5.0, 10.0, 35.0];
const AWKWARD: &str = "54 Mb/s <aided> & \"bits\"";
const ESCAPED: &str = "54 Mb/s &lt;aided&gt; &amp; &quot;bits&quot;";

fn point(snr_db: f64, mse: f64) -> CurvePoint {
    let psnr = |mse: f64| -10.0 * mse.log10();
    let ci = 0.1 * mse;
    CurvePoint {
        snr_db,
        values: [
            Estimate { value: mse, low: mse - ci, high: mse + ci },
            Estimate { value: psnr(mse), low: psnr(mse + ci), high: psnr(mse - ci) },
        ],
        lost: 0.0,
    }
}

fn curve(label: &str, points: &[CurvePoint]) -> Curve {
    Curve { label: label.to_owned(), points: points.to_vec() }
}

fn falling(label: &str) -> Curve {
    curve(label, &SNRS.map(|snr| point(snr, 0.02 * 10f64.powf(-snr / 20.0))))
}

/// Pictures of a single colour: picture i over a link at SNR j.
fn gallery(shape: [usize; 3], pictures: usize, links: usize) -> Gallery {
    let [channels, height, width] = shape;
    let of = |level: f32| {
        let plane = |channel: usize| vec![level / (1 + channel) as f32; height * width];
        (0..channels).flat_map(plane).collect::<Vec<f32>>()
    };
    let row =
        |link| GalleryRow { label: format!("{AWKWARD} {link}"), received: vec![vec![of(0.5); pictures]; SNRS.len()] };
    Gallery { shape, originals: vec![of(1.0); pictures], snr_db: SNRS.to_vec(), rows: (0..links).map(row).collect() }
}

fn report(curves: Vec<Curve>, gallery: Option<Gallery>) -> Report {
    Report {
        title: format!("Digits & {AWKWARD}"),
        notes: vec!["SNR is Es/N0 <per subcarrier>".to_owned()],
        table: Table {
            headers: vec!["link".to_owned(), "PSNR".to_owned()],
            rows: vec![vec![AWKWARD.to_owned(), "23.1".to_owned()]],
        },
        quantities: Quantity::RECOVER,
        curves,
        gallery,
    }
}

fn typical() -> Report {
    report(vec![falling("ideal"), falling(AWKWARD)], Some(gallery([1, 28, 28], 8, 2)))
}

/// Markers in the plot of a quantity, after parsing it as XML.
fn markers(place: usize, curves: &[Curve]) -> usize {
    let svg = format!("<svg>{}</svg>", plot(Quantity::RECOVER, place, curves).into_string());
    let document = Document::parse(&svg).expect("the plot is XML");
    let places = document.descendants().flat_map(|node| [node.attribute("d"), node.attribute("transform")]);
    assert!(places.flatten().all(|place| !place.contains("NaN") && !place.contains("inf")), "{svg}");
    let is_marker = |node: &Node| node.attribute("class").is_some_and(|class| class.starts_with("marker"));
    document.descendants().filter(is_marker).count()
}

fn decoded(report: &Report) -> Pixmap {
    Pixmap::decode_png(&png(report)).expect("a PNG file")
}

fn dark(pixmap: &Pixmap) -> usize {
    pixmap.pixels().iter().filter(|pixel| pixel.green() < 100).count()
}

#[test]
fn every_point_has_a_marker() {
    let curves = typical().curves;
    for place in 0..2 {
        assert_eq!(markers(place, &curves), 2 * SNRS.len());
    }
}

#[test]
fn what_an_axis_cannot_show_is_left_out() {
    let perfect = point(20.0, 0.0);
    let mut unbounded = point(0.0, 0.01);
    unbounded.values[0] = Estimate { low: -1.0, high: 1.0, ..unbounded.values[0] };
    unbounded.values[1].high = f64::INFINITY;
    let noiseless = point(f64::INFINITY, 0.01);
    let curves = [curve("ideal", &[unbounded, perfect, noiseless])];
    assert_eq!([0, 1].map(|place| markers(place, &curves)), [1, 1]);
}

#[test]
fn lost_frames_make_a_marker_hollow() {
    let lossy = CurvePoint { lost: 0.25, ..point(0.0, 0.05) };
    let page = html(&report(vec![curve("unaided", &[lossy, point(5.0, 0.02)])], None));
    assert_eq!(page.matches("class=\"marker hollow\"").count(), 2);
    assert!(page.contains("25.0 % of frames lost"));
    assert!(page.contains("Hollow marker"));
    assert!(!html(&typical()).contains("Hollow marker"));
}

#[test]
fn the_page_stands_alone_and_escapes_what_users_wrote() {
    let page = html(&typical());
    assert!(page.contains(ESCAPED));
    assert!(!page.contains("<aided>") && !page.contains("<per"));
    for outside in ["http:", "https:", "<script", "@import", "<link"] {
        assert!(!page.contains(outside), "{outside}");
    }
    for element in ["html", "body", "svg", "figure", "table", "tr", "td", "g", "ul", "style"] {
        let opened = page.matches(&format!("<{element}>")).count() + page.matches(&format!("<{element} ")).count();
        assert!(opened > 0, "{element}");
        assert_eq!(opened, page.matches(&format!("</{element}>")).count(), "{element}");
    }
}

#[test]
fn the_page_holds_every_picture_with_its_name() {
    let page = html(&typical());
    assert_eq!(page.matches("src=\"data:image/png;base64,").count(), 2 * 8 * (1 + SNRS.len()));
    assert!(page.contains(&format!("alt=\"picture 8, {ESCAPED} 1, −5 dB\"")));
    assert!(page.contains(&format!("alt=\"picture 1, {ESCAPED} 0, original\"")));
}

#[test]
fn pictures_reach_the_sheet_in_their_colours() {
    let sheet = decoded(&report(vec![], Some(gallery([3, 4, 6], 2, 1))));
    let area = |rgb: [u8; 3]| {
        let same = |p: &&resvg::tiny_skia::PremultipliedColorU8| [p.red(), p.green(), p.blue()] == rgb;
        sheet.pixels().iter().filter(same).count()
    };
    let enlarged = 4 * 4 * 4 * 6;
    assert_eq!(area([255, 128, 85]), 2 * enlarged, "originals");
    assert_eq!(area([128, 64, 43]), 2 * SNRS.len() * enlarged, "received");
}

#[test]
fn the_sheet_is_wide_and_lettered_without_system_fonts() {
    let titled = decoded(&typical());
    let untitled = decoded(&Report { title: String::new(), ..typical() });
    assert_eq!((titled.width(), titled.height()), (1600, untitled.height()));
    assert!(dark(&titled) > dark(&untitled) + 500, "letters leave ink");
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    assert!(html(&typical()) == html(&typical()));
    assert!(png(&typical()) == png(&typical()));
}

#[test]
fn odd_reports_are_drawn_too() {
    let long = "a rather long label ".repeat(20) + &"x".repeat(400) + "\u{7}\u{fffe}";
    let galleries = [
        gallery([1, 28, 28], 1, 1),
        gallery([1, 28, 28], 12, 3),
        gallery([3, 32, 32], 0, 2),
        gallery([3, 8, 300], 9, 1),
        Gallery { snr_db: vec![], rows: vec![], ..gallery([1, 28, 28], 3, 0) },
    ];
    for gallery in galleries {
        let lone = curve(&long, &[point(3.0, 0.01)]);
        let odd = report(vec![curve("none", &[]), lone], Some(gallery));
        assert!(html(&odd).contains(long.trim_end_matches(['\u{7}', '\u{fffe}'])));
        assert!(dark(&decoded(&odd)) > 0);
    }
    let bare = Report { table: Table::default(), notes: vec![], ..report(vec![], None) };
    assert!(!html(&bare).contains("<table"));
    assert!(dark(&decoded(&bare)) > 0);
}

#[test]
#[should_panic(expected = "values in a picture")]
fn a_picture_of_the_wrong_size_is_a_bug() {
    let mut gallery = gallery([1, 4, 4], 1, 1);
    gallery.originals[0].pop();
    html(&report(vec![], Some(gallery)));
}

#[test]
fn ticks_are_round_numbers() {
    let snr = Axis::linear(&[-5.0, 35.0], [0.0, 1.0]);
    assert_eq!(snr.ticks, [-5.0, 0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0]);
    let fine = Axis::linear(&[0.1, 0.7], [0.0, 1.0]);
    assert_eq!(fine.ticks, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]);
    let mse = Axis::log(&[0.003, 0.04], [1e-3, 1.0]);
    assert_eq!(mse.ticks, [0.002, 0.005, 0.01, 0.02, 0.05]);
    let decades = Axis::log(&[2e-6, 0.04], [1e-3, 1.0]);
    assert_eq!(decades.ticks, [1e-6, 1e-5, 1e-4, 1e-3, 1e-2]);
    assert_eq!([-5.0, 0.02, 1e-5].map(label), ["−5", "0.02", "1e−5"]);
}

proptest! {
    #[test]
    fn axes_keep_the_order_of_what_they_show(a in 1e-11..1e3f64, factor in 1.0..1e6f64) {
        let b = a * factor;
        for axis in [Axis::linear(&[a, b], [0.0, 1.0]), Axis::log(&[a, b], [0.1, 1.0])] {
            let ends = [axis.place(a), axis.place(b)];
            prop_assert!(0.0 <= ends[0] && ends[0] <= ends[1] && ends[1] <= 1.0, "{ends:?}");
            prop_assert!((2..=11).contains(&axis.ticks.len()), "{:?}", axis.ticks);
            prop_assert!(axis.ticks.is_sorted());
        }
    }
}
