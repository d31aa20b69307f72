//! Images a second through the Wi-Fi link as training uses it: aided, batches of 64, ten images a frame.

#[path = "../../../bench/src/machine.rs"]
mod machine;

use jscc_nn::frames::{Frames, Noise};
use jscc_phy::Complex32;
use jscc_phy::channel::{Chain, Channel};
use jscc_phy::emulation::Inversion;
use jscc_phy::emulation::layout::Framing;
use jscc_phy::emulation::room::Room;
use jscc_phy::link::{Link, Power, Receive, Reception, Wifi, WifiConfig};
use jscc_phy::random::stream;
use jscc_phy::units::Snr;
use jscc_phy::wifi::{Mcs, viterbi};
use rayon::ThreadPool;
use rayon::ThreadPoolBuilder;
use std::time::{Duration, Instant};

/// Complex symbols of an image.
const K: usize = 48;
/// Images of a batch; the last frame is short.
const BATCH: usize = 64;
const IMAGES_PER_FRAME: usize = 10;
/// Turns that each case gets. Cases take turns, so that a busy neighbour meets all of them alike.
const TURNS: usize = 15;
/// A turn carries batches for so long.
const TURN: Duration = Duration::from_millis(50);

struct Case {
    name: String,
    link: Wifi,
    /// Images a second of each turn, for each pool.
    rates: Vec<Vec<f64>>,
}

/// What is sent, and at which SNRs.
struct Batch {
    z: Vec<Complex32>,
    snr: Vec<Snr>,
}

impl Case {
    fn new(mcs: Mcs, inversion: Inversion, receive: Receive, n_pools: usize) -> Self {
        let (framing, reception, images_per_frame) = (Framing::Bare, Reception::Aided, IMAGES_PER_FRAME);
        let config = WifiConfig {
            mcs,
            inversion,
            framing,
            receive,
            reception,
            air: Chain::new(Channel::Awgn, vec![]),
            power: Power::Card,
            images_per_frame,
            spare: 0,
            room: Room::Erased,
            silence: 0.0,
            scale: None,
            mix: None,
        };
        let name = format!("{:6} {:10} {:10}", mcs.to_string(), format!("{inversion:?}"), format!("{receive:?}"));
        let name = name.to_lowercase();
        Self { name, link: Wifi::new(config, K).expect("ten images fit"), rates: vec![Vec::new(); n_pools] }
    }

    fn all(n_pools: usize) -> Vec<Self> {
        let mut cases = Vec::new();
        for mcs in [Mcs::M54, Mcs::HT7] {
            for inversion in [Inversion::Trellis, Inversion::Exact] {
                for receive in [Receive::Bits, Receive::Symbols] {
                    cases.push(Self::new(mcs, inversion, receive, n_pools));
                }
            }
        }
        cases
    }
}

impl Batch {
    fn new() -> Self {
        let z = Channel::Awgn.draw(BATCH * K, 1.0, &mut stream(1, "symbols", 0)).noise;
        // From 0 to 20 dB, as in training.
        let snr = |i: usize| Snr::per_symbol(20.0 * i as f64 / (BATCH / IMAGES_PER_FRAME) as f64);
        Self { z, snr: (0..BATCH.div_ceil(IMAGES_PER_FRAME)).map(snr).collect() }
    }

    fn carry(&self, link: &dyn Link, first: u64) {
        let noise = Noise { seed: 1, purpose: "bench", first };
        std::hint::black_box(Frames::draw(link, BATCH, K, &self.snr, noise).carry(&self.z));
    }
}

/// Images a second of one turn. Training calls from outside the pool, and so does this.
fn turn(link: &dyn Link, batch: &Batch, pool: &ThreadPool) -> f64 {
    let (start, mut n_batches) = (Instant::now(), 0);
    while start.elapsed() < TURN {
        pool.install(|| batch.carry(link, n_batches * batch.snr.len() as u64));
        n_batches += 1;
    }
    (n_batches * BATCH as u64) as f64 / start.elapsed().as_secs_f64()
}

fn pool(n_threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(n_threads).build().expect("threads")
}

/// Median and best.
fn summary(rates: &[f64]) -> (f64, f64) {
    let mut sorted = rates.to_vec();
    sorted.sort_by(f64::total_cmp);
    (sorted[sorted.len() / 2], sorted[sorted.len() - 1])
}

fn report(cases: &[Case], n_threads: &[usize]) {
    print!("{:28}", "images/s: median (best)");
    for n in n_threads {
        print!("{:>24}", format!("{n} thread{}", if *n == 1 { "" } else { "s" }));
    }
    println!();
    for case in cases {
        print!("{:28}", case.name);
        for rates in &case.rates {
            let (median, best) = summary(rates);
            print!("{:>24}", format!("{median:.0} ({best:.0})"));
        }
        println!();
    }
}

fn main() {
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    let n_threads = if all == 1 { vec![1] } else { vec![1, all] };
    let pools: Vec<_> = n_threads.iter().map(|&n| pool(n)).collect();
    let (batch, mut cases) = (Batch::new(), Case::all(pools.len()));
    println!("{}\n{}\nViterbi kernel: {}", machine::cpu(), machine::features().join(" "), viterbi::kernel());
    for _ in 0..TURNS {
        for case in &mut cases {
            for (pool, rates) in pools.iter().zip(&mut case.rates) {
                rates.push(turn(&case.link, &batch, pool));
            }
        }
    }
    report(&cases, &n_threads);
}
