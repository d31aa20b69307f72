use jscc_phy::{air::{Air, Reception}, random::stream, units::Snr, wifi::{Ppdu, ScramblerState, mcs::Format}};
use jscc_photo::{Picture, model::SHIPPED, receive::Receiver, send::{Order, send, usual_symbols}};
use rayon::prelude::*;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let mut paths: Vec<_> = std::fs::read_dir(&args[1]).unwrap().map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e=="png")).collect(); paths.sort();
    let margin: f64 = args.get(2).map_or(0.0, |a| a.parse().unwrap());
    let unaided = args.get(3).is_some_and(|a| a == "unaided");
    let pics: Vec<Picture> = paths.par_iter().map(|p| { let i = image::open(p).unwrap().into_rgb8(); let (w,h)=(i.width() as usize,i.height() as usize);
        let pixels = (0..3).flat_map(|c| i.pixels().map(move |p| f32::from(p[c])/255.0)).collect(); Picture{width:w,height:h,channels:3,pixels} }).collect();
    let m = &*SHIPPED;
    for snr in [0.0, 2.5, 5.0, 7.5, 10.0, 12.5, 15.0, 17.5, 20.0] {
        let air = Air::white(if unaided { Reception::Unaided } else { Reception::Aided });
        let r: Vec<_> = pics.par_iter().enumerate().map(|(n, p)| {
            let t0 = std::time::Instant::now();
            let order = Order { id: n as u16, snr_db: snr, margin_db: margin, symbols: usual_symbols(p.width, p.height), mtu: 1500, format: Format::NonHt, scrambler: ScramblerState::EXAMPLE };
            let sent = send(p, &order, m).unwrap();
            let t1 = std::time::Instant::now();
            let mut rx = Receiver::new(m, ScramblerState::EXAMPLE);
            for (f, (mcs, psdu)) in sent.frames.iter().enumerate() {
                let ppdu = Ppdu::long_guard(*mcs, psdu.len());
                let crossing = air.draw(ppdu, Snr::per_symbol(snr), &mut stream(n as u64, "over air", f as u64));
                let state = ScramblerState::EXAMPLE;
                let points = jscc_phy::wifi::transmit::data_points(psdu, *mcs, state);
                // aided: the receiver is told crossing.scrambler(); frames are sent from it
                let points = if unaided { points } else { jscc_phy::wifi::transmit::data_points(&rescramble(psdu, state, crossing.scrambler()), *mcs, crossing.scrambler()) };
                let used = crossing.scrambler();
                if let Some(frame) = crossing.cross(&points) { rx.add(Some(*mcs), if unaided { frame.psdu } else { rescramble(&frame.psdu, used, state) }); }
            }
            let t2 = std::time::Instant::now();
            let got = rx.photograph(n as u16);
            let (psnr, base, frames, db) = got.map_or((12.5, 12.5, (0,0), None), |g| { let a = psnr(p, &g.picture(m)); (a, psnr(p, &g.base(m)), g.frames(), g.symbols_db()) });
            let t3 = std::time::Instant::now();
            (psnr, base, sent, frames, db, t1-t0, t2-t1, t3-t2, got.is_none())
        }).collect();
        let n = r.len() as f64; let mean = |f: &dyn Fn(usize) -> f64| (0..r.len()).map(f).sum::<f64>()/n;
        println!("{snr:5.1} psnr {:.2} expected {:.2} base {:.2} lost {} frames {:?} base {:?} sym {:?} db {:.2} t {:.2} {:.2} {:.2}", mean(&|i| r[i].0), mean(&|i| r[i].2.expected_psnr_db[0]), mean(&|i| r[i].1), r.iter().filter(|r| r.8).count(), r[0].3, r[0].2.base, r[0].2.symbols, mean(&|i| f64::from(r[i].4.unwrap_or(0.0))), mean(&|i| r[i].5.as_secs_f64()), mean(&|i| r[i].6.as_secs_f64()), mean(&|i| r[i].7.as_secs_f64()));
    }
}
fn psnr(a: &Picture, b: &Picture) -> f64 { let e: f64 = a.pixels.iter().zip(&b.pixels).map(|(a,b)| f64::from(a-b).powi(2)).sum::<f64>()/a.pixels.len() as f64; -10.0*e.log10() }
fn rescramble(psdu: &[u8], from: ScramblerState, to: ScramblerState) -> Vec<u8> {
    let mut v = vec![0u8; 2]; v.extend(psdu);
    jscc_phy::wifi::scramble::scramble_octets(&mut v, from); jscc_phy::wifi::scramble::scramble_octets(&mut v, to); v[2..].to_vec()
}
