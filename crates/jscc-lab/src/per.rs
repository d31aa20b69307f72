//! Packet error rate over SNR in AWGN: of the whole receiver, and of the same decoder with known timing and channel.

mod figure;
mod packet;
mod resample;
mod statistics;
mod summary;

pub use figure::write_png;
pub use jscc_phy::link::Reception;
pub use summary::notes;
pub use summary::{Crossing, Summary, summarise, table};

use crate::metrics::Metric;
use crate::metrics::interval::wilson;
use crate::results::{DeployedOn, Provenance, Row};
use crate::spec::per::{PerSpec, PerTable, rate_as_written};
use jscc_nn::tell::Tell;
use jscc_phy::units::{Snr, to_db};
use jscc_phy::wifi::ofdm::Transform;
use jscc_phy::wifi::{Mcs, Ppdu};
use packet::{Fate, Trial};
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;

/// The packet error rate of one rate and reception at one SNR.
#[derive(Debug, Clone)]
pub struct Point {
    /// Rate, reception and radio parameters.
    pub air: PacketAir,
    /// Es/N0 per data subcarrier.
    pub snr_db: f64,
    /// Packets sent.
    pub packets: usize,
    /// Packets that did not arrive as sent: the sum of the next three.
    pub errors: usize,
    /// No frame was found.
    pub no_preamble: usize,
    /// A preamble, but no readable header.
    pub no_header: usize,
    /// A frame, but with wrong bits.
    pub wrong_bits: usize,
    /// errors/packets.
    pub per: f64,
    /// Ends of its 95 % interval (Wilson).
    pub per_ci95: [f64; 2],
}

/// Parameters of a transmission of packets, and of its receiver.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct PacketAir {
    /// Mb/s, or "ht0" to "ht7".
    #[serde(serialize_with = "rate_as_written")]
    pub rate: Mcs,
    /// Knowledge of the receiver.
    pub reception: Reception,
    /// Octets of a PSDU with its frame check sequence.
    pub octets: usize,
    /// Carrier frequency in GHz.
    pub carrier_ghz: f64,
    /// Largest offset of carrier and clock, in ppm; 0 for the aided receiver.
    pub offset_ppm: f64,
}

impl Point {
    /// The metrics of a row.
    fn metrics(&self) -> Vec<Metric> {
        let count = |name, n: usize| Metric::exact(name, n as f64);
        vec![
            Metric::new("per", self.per, self.per_ci95),
            count("no_preamble", self.no_preamble),
            count("no_header", self.no_header),
            count("wrong_bits", self.wrong_bits),
        ]
    }
}

/// Packets between two checks of the error count, fixed so that a point's length does not depend on scheduling.
const BATCH: usize = 100;
/// Gap in dB from capacity to the operating point of a 64-state code, where a curve is expected.
const GAP_DB: f64 = 4.5;
/// Largest distance of a point from the expected place of the curve.
const REACH_DB: f64 = 15.0;
/// Expected work of a curve, in packets of its longest points, for the estimate of time left.
const LIKELY_POINTS: usize = 4;
/// Work per packet of the whole receiver and its channel, relative to the aided receiver.
const UNAIDED_WORK: f64 = 2.0;

/// Outcomes of the packets of one point.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    packets: usize,
    no_preamble: usize,
    no_header: usize,
    wrong_bits: usize,
}

impl Tally {
    fn of(fate: Fate) -> Self {
        let one = |of: Fate| usize::from(fate == of);
        Self {
            packets: 1,
            no_preamble: one(Fate::NoPreamble),
            no_header: one(Fate::NoHeader),
            wrong_bits: one(Fate::WrongBits),
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            packets: self.packets + other.packets,
            no_preamble: self.no_preamble + other.no_preamble,
            no_header: self.no_header + other.no_header,
            wrong_bits: self.wrong_bits + other.wrong_bits,
        }
    }

    fn errors(self) -> usize {
        self.no_preamble + self.no_header + self.wrong_bits
    }

    fn per(self) -> f64 {
        self.errors() as f64 / self.packets as f64
    }
}

/// One rate and reception.
struct Curve<'a> {
    spec: &'a PerTable,
    trial: Trial<'a>,
}

impl<'a> Curve<'a> {
    fn new(spec: &'a PerTable, mcs: Mcs, reception: Reception) -> Self {
        Self { spec, trial: Trial::new(spec, mcs, reception) }
    }

    /// Relative work per packet.
    fn work(&self) -> f64 {
        let samples = Ppdu::long_guard(self.trial.mcs(), self.spec.octets).n_samples() as f64;
        match self.trial.reception() {
            Reception::Aided => samples,
            Reception::Unaided => UNAIDED_WORK * samples,
        }
    }

    /// SNR at index `place` of the grid that all curves share.
    fn snr_db(&self, place: i64) -> f64 {
        place as f64 * self.spec.step_db
    }

    /// Grid steps in this many dB.
    fn places(&self, db: f64) -> i64 {
        (db / self.spec.step_db).round() as i64
    }

    /// Expected place of the curve.
    fn middle(&self) -> i64 {
        let mcs = self.trial.mcs();
        let bits = mcs.n_dbps() as f64 / mcs.n_data() as f64;
        self.places(to_db(bits.exp2() - 1.0) + GAP_DB)
    }

    fn point(&self, place: i64, progress: &mut impl FnMut(usize)) -> Tally {
        let snr = Snr::per_symbol(self.snr_db(place));
        let mut tally = Tally::default();
        while tally.packets < self.spec.packets && tally.errors() < self.spec.errors {
            let next = (tally.packets + BATCH).min(self.spec.packets);
            let fates = (tally.packets..next).into_par_iter().map_init(Transform::default, |transform, index| {
                Tally::of(self.trial.fate(snr, index as u64, transform))
            });
            let batch = fates.reduce(Tally::default, Tally::and);
            tally = tally.and(batch);
            progress(batch.packets);
        }
        tally
    }

    /// Points down to the SNR with the higher of the requested error rates, and up to that with the lower. `progress`
    /// receives the number of packets done.
    fn measure(&self, mut progress: impl FnMut(usize)) -> BTreeMap<i64, Tally> {
        let (middle, reach, [few, many]) = (self.middle(), self.places(REACH_DB), self.spec.per_range);
        let mut points = BTreeMap::new();
        let mut at = |place: i64| {
            let tally = self.point(place, &mut progress);
            points.insert(place, tally);
            tally.per()
        };
        let first = at(middle);
        let (mut place, mut per) = (middle, first);
        while per < many && place > middle - reach {
            place -= 1;
            per = at(place);
        }
        (place, per) = (middle, first);
        while per > few && place < middle + reach {
            place += 1;
            per = at(place);
        }
        points
    }
}

/// Measures all curves, rate by rate, the aided reception first; `progress` receives the fraction of the work done.
pub fn run(spec: &PerSpec, progress: &mut dyn FnMut(f64)) -> Vec<Point> {
    let table = &spec.file.per;
    let both = |&mcs: &Mcs| [Reception::Aided, Reception::Unaided].map(|reception| Curve::new(table, mcs, reception));
    let curves: Vec<Curve> = table.rates.iter().flat_map(both).collect();
    let total: f64 = curves.iter().map(Curve::work).sum();
    let (mut found, mut done) = (Vec::new(), 0.0);
    for curve in &curves {
        let mut packets = 0;
        let points = curve.measure(|more| {
            packets += more;
            let part = packets as f64 / (LIKELY_POINTS * table.packets) as f64;
            progress((done + part.min(1.0) * curve.work()) / total);
        });
        done += curve.work();
        found.extend(points.into_iter().map(|(place, tally)| point(curve, place, tally)));
    }
    found
}

fn point(curve: &Curve, place: i64, tally: Tally) -> Point {
    let (table, reception) = (curve.spec, curve.trial.reception());
    let air = PacketAir {
        rate: curve.trial.mcs(),
        reception,
        octets: table.octets,
        carrier_ghz: table.carrier_ghz,
        offset_ppm: if reception == Reception::Aided { 0.0 } else { table.offset_ppm },
    };
    Point {
        air,
        snr_db: curve.snr_db(place),
        packets: tally.packets,
        errors: tally.errors(),
        no_preamble: tally.no_preamble,
        no_header: tally.no_header,
        wrong_bits: tally.wrong_bits,
        per: tally.per(),
        per_ci95: wilson(tally.errors() as f64, tally.packets as f64),
    }
}

/// The points as rows of results.
pub fn rows(spec: &PerSpec, code: &str, points: &[Point]) -> Vec<Row> {
    let provenance =
        Provenance { experiment: spec.file.name.clone(), spec_sha256: spec.sha256(), code: code.to_owned() };
    let row = |point: &Point| Row {
        provenance: provenance.clone(),
        curve: format!("{}, {}", point.air.rate, point.air.reception),
        codec: None,
        deployed_on: DeployedOn::packets(&point.air),
        tell: Tell::True,
        data: None,
        split: None,
        images: 0,
        seed: spec.file.per.seed,
        k_mean: None,
        bandwidth_ratio: None,
        air_time_ratio: None,
        uses: None,
        energy: None,
        snr_db: point.snr_db,
        heard_snr_db: None,
        frames: point.packets,
        lost: point.errors,
        metrics: point.metrics(),
    };
    points.iter().map(row).collect()
}

#[cfg(test)]
mod tests;
