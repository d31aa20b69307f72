//! The card that goes with trained weights.

use crate::files::sha256;
use crate::spec::{LinkSpec, Spec};
use jscc_nn::N_PIXELS;
use jscc_nn::train::Plan;
use std::fmt::Write;

/// What a reader must know of weights: where they are from, what they reach, and in which units.
pub(super) fn markdown(spec: &Spec, plan: &Plan, weights: &[u8], validation: &[[f64; 2]], code: &str) -> String {
    let (name, file) = (&spec.file.name, spec.path.file_name().unwrap_or_default().to_string_lossy());
    let train = spec.file.train.as_ref().expect("a trained spec has its table");
    let start = train.start.as_ref().map_or("random".to_owned(), |start| start.display().to_string());
    let k = plan.k;
    let rows = [
        ("method", "DeepJSCC (`deepjscc`), 1×28×28".to_owned()),
        ("data", format!("{}, training split, {} pictures", spec.data_name(), plan.n_images)),
        ("experiment file", format!("`{file}`, SHA-256 `{}`", spec.sha256())),
        ("trained on", link(&train.link)),
        ("SNR in training", format!("uniform, {} to {} dB", plan.snr_db[0], plan.snr_db[1])),
        ("start", start),
        ("seed", plan.seed.to_string()),
        ("epochs, batch", format!("{}, {}", plan.epochs, plan.batch)),
        ("code", code.to_owned()),
        ("weights", format!("{} bytes, SHA-256 `{}`", weights.len(), sha256(weights))),
        ("licence", "MIT OR Apache-2.0".to_owned()),
    ];
    let mut card = format!("# {name}\n\n| | |\n|---|---|\n");
    for (what, value) in rows {
        writeln!(card, "| {what} | {value} |").expect("a string takes all that is written");
    }
    card += "\n## Quality on validation pictures\n\nPSNR of the mean MSE, over the link of the training; the test split was not touched.\n\n";
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    card += &line(std::iter::once("SNR dB".to_owned()).chain(validation.iter().map(|p| p[0].to_string())).collect());
    card += &("|".to_owned() + &"---|".repeat(validation.len() + 1) + "\n");
    card +=
        &line(std::iter::once("PSNR dB".to_owned()).chain(validation.iter().map(|p| format!("{:.2}", p[1]))).collect());
    write!(
        card,
        "\n## Conventions\n\n- SNR is Es/N0 of one complex symbol of mean power 1; on Wi-Fi, of one data subcarrier.\n- k = {k} \
         complex channel uses for {N_PIXELS} source reals: bandwidth ratio k/n = {:.4}.\n- Each picture's symbols have mean \
         power 1 by themselves. Neither side is told the SNR.\n- Pixels are grey in [0, 1], 0 is background.\n",
        k as f64 / N_PIXELS as f64
    )
    .expect("a string takes all that is written");
    card
}

fn link(link: &LinkSpec) -> String {
    match link {
        LinkSpec::Ideal => "ideal AWGN".to_owned(),
        LinkSpec::Wifi(wifi) => format!(
            "802.11 rate {}, {} inversion, {} framing, {} received, {}, {} pictures a frame; straight-through gradient",
            wifi.rate,
            format!("{:?}", wifi.inversion).to_lowercase(),
            format!("{:?}", wifi.framing).to_lowercase(),
            format!("{:?}", wifi.receive).to_lowercase(),
            format!("{:?}", wifi.reception).to_lowercase(),
            wifi.images_per_frame
        ),
    }
}
