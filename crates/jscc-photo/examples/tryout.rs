use jscc_photo::*;
use jscc_photo::base::quantise;
use jscc_photo::detail::*;
use jscc_photo::model::SHIPPED;
use jscc_photo::transform::*;
use rayon::prelude::*;
fn psnr(mse: f64) -> f64 { 10.0*(255.0*255.0/mse).log10() }
fn floor() -> f32 { std::env::var("FLOOR").map_or(3.0, |p| p.parse().unwrap()) }
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let mut paths: Vec<_> = std::fs::read_dir(&args[1]).unwrap().map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e=="png")).collect(); paths.sort();
    let pics: Vec<(Grid, Vec<f32>)> = paths.par_iter().map(|p| { let i = image::open(p).unwrap().into_rgb8(); let (w,h)=(i.width() as usize,i.height() as usize);
        let pixels = (0..3).flat_map(|c| i.pixels().map(move |p| f32::from(p[c])/255.0)).collect(); let p = Picture{width:w,height:h,channels:3,pixels}; (p.grid(), analyse(&p)) }).collect();
    let m = &*SHIPPED;
    if args.get(2).is_some_and(|a| a=="rd") {
        for step in (8..=40).step_by(2) {
            let r: Vec<(f64,f64,f64)> = pics.par_iter().map(|(g,v)| { let t=std::time::Instant::now(); let b = quantise(g, v, classes::choose(g,v,floor(),m), step, m); let o = b.encode(g, step, m);
                if args.len()>3 {assert_eq!(base::Base::decode(&o,g,step,m), b);}
                let d = b.values(step,m); let e: f64 = d.iter().zip(v).map(|(a,b)| f64::from(a-b).powi(2)).sum::<f64>()/(g.n_values() as f64);
                (o.len() as f64*8.0/(g.width*g.height) as f64, psnr(e), t.elapsed().as_secs_f64()) }).collect();
            let n = r.len() as f64; println!("step {step} bpp {:.4} kbit/393k {:.1} psnr {:.2} {:.3}s", r.iter().map(|r| r.0).sum::<f64>()/n, r.iter().map(|r| r.0).sum::<f64>()/n*393.216, r.iter().map(|r| r.1).sum::<f64>()/n, r.iter().map(|r| r.2).sum::<f64>()/n);
        }
        return;
    }
    // air snr, base n_dbps, base parity factor, detail snr eff dB
    for (air, dbps, parity, eff) in [(0.0,24.0,2.0,-0.66),(2.5,24.0,2.0,1.51),(5.0,24.0,1.25,3.23),(5.0,48.0,1.25,3.23),(7.5,48.0,1.25,4.65),(7.5,72.0,1.25,4.65),(10.0,72.0,1.25,5.97),(10.0,96.0,1.25,5.97),(12.5,96.0,1.25,7.39),(12.5,144.0,1.25,7.39),(15.0,144.0,1.25,9.93),(17.5,144.0,1.25,11.18),(17.5,192.0,1.25,11.18),(20.0,192.0,1.25,11.2),(20.0,216.0,1.25,11.2)] {
        let noise = 10f32.powf(-eff/10.0);
        let r: Vec<(f64,u8,f64,f64)> = pics.par_iter().map(|(g,v)| {
            let t = g.width as f64*g.height as f64/192.0;
            let cl = classes::choose(g,v,floor(),m);
            (10..=40).step_by(2).map(|step| { let step = step as u8;
                let b = quantise(g,v,cl.clone(),step,m);
                let oct = b.encode(g,step,m).len() as f64 + 20.0;
                let pay = 960.0f64; let k = (oct/pay).ceil(); let sym = parity*k*(((oct/k+40.0)*8.0/dbps).ceil()+5.0);
                let detail = (t - sym)*0.92*48.0*2.0*0.985;
                if detail < 0.0 { return (0.0, step, 0.0, 0.0); }
                let rem = remainders(g,&b,step,m);
                let a = Allocation::new(&rem, detail as usize, noise);
                let d = b.values(step,m);
                let res: Vec<f32> = v.iter().zip(&d).map(|(a,b)| a-b).collect();
                let base = psnr(res.iter().map(|r| f64::from(r*r)).sum::<f64>()/g.n_values() as f64);
                // actual power
                let p: f64 = a.encode(&res).iter().map(|z| f64::from(z*z)).sum::<f64>()/(detail as usize as f64);
                let e = a.expected_error(&res, noise, p.sqrt().recip() as f32)/g.n_values() as f64;
                (psnr(e), step, sym/t, base)
            }).max_by(|a,b| a.0.total_cmp(&b.0)).unwrap()
        }).collect();
        let n = r.len() as f64;
        println!("air {air:5.1} base {dbps} psnr {:.2} base share {:.2} base psnr {:.2} steps {:?}", r.iter().map(|r| r.0).sum::<f64>()/n, r.iter().map(|r| r.2).sum::<f64>()/n, r.iter().map(|r| r.3).sum::<f64>()/n, r.iter().map(|r| r.1).collect::<Vec<_>>());
    }
}
