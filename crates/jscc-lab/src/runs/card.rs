//! The card that goes with trained weights.

use crate::spec::{LinkSpec, RungSpec, Spec};
use jscc_nn::N_PIXELS;
use jscc_nn::train::{Objective, Plan, Stage, Turn};
use jscc_phy::link::Number;
use jscc_radio::files::sha256;
use std::fmt::Write;

/// What came of a training.
#[derive(Clone, Copy)]
pub(super) struct Result<'a> {
    pub weights: &'a [u8],
    /// PSNR by SNR, in dB.
    pub validation: &'a [[f64; 2]],
    pub warning: Option<&'a str>,
}

/// What a reader must know of weights: where they are from, what they reach, and in which units.
pub(super) fn markdown(name: &str, spec: &Spec, plan: &Plan, result: Result, code: &str) -> String {
    let Result { weights, validation, warning } = result;
    let file = spec.path.file_name().unwrap_or_default().to_string_lossy();
    let train = spec.file.train.as_ref().expect("a trained spec has its table");
    let start = train.start.as_ref().map_or("random".to_owned(), |start| start.display().to_string());
    let k = plan.k;
    let mut rows = vec![
        ("method".to_owned(), format!("{} (`{}`), 1×28×28", train.method.title, train.method.name)),
        ("data".to_owned(), format!("{}, training split, {} pictures", spec.data_name(), plan.n_images)),
        ("experiment file".to_owned(), format!("`{file}`, SHA-256 `{}`", spec.sha256())),
        ("start".to_owned(), start),
        ("seed".to_owned(), plan.seed.to_string()),
        ("batch".to_owned(), plan.batch.to_string()),
    ];
    let stages = plan.stages.iter().zip(&train.stage);
    rows.extend(stages.map(|(stage, wanted)| (format!("stage {}", stage.name), described(stage, &wanted.link))));
    rows.extend([
        ("code".to_owned(), code.to_owned()),
        ("weights".to_owned(), format!("{} bytes, SHA-256 `{}`", weights.len(), sha256(weights))),
        ("licence".to_owned(), "MIT OR Apache-2.0".to_owned()),
    ]);
    let warning = warning.map_or(String::new(), |warning| format!("**Warning**: {warning}.\n\n"));
    let mut card = format!("# {name}\n\n{warning}| | |\n|---|---|\n");
    for (what, value) in rows {
        writeln!(card, "| {what} | {value} |").expect("a string takes all that is written");
    }
    card += "\n## Quality on validation pictures\n\nPSNR of the mean MSE, over the link of the last stage; the test split was not touched.\n\n";
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    card += &line(std::iter::once("SNR dB".to_owned()).chain(validation.iter().map(|p| p[0].to_string())).collect());
    card += &("|".to_owned() + &"---|".repeat(validation.len() + 1) + "\n");
    card +=
        &line(std::iter::once("PSNR dB".to_owned()).chain(validation.iter().map(|p| format!("{:.2}", p[1]))).collect());
    let by_snr = train.stage.iter().any(|stage| matches!(stage.link, LinkSpec::Ladder(_)));
    let told = if by_snr {
        "The frames' rate follows the SNR; the networks are not told it."
    } else {
        "Neither side is told the SNR."
    };
    write!(
        card,
        "\n## Conventions\n\n- SNR is Es/N0 of one complex symbol of mean power 1; on Wi-Fi, of one data subcarrier.\n- k = {k} \
         complex channel uses for {N_PIXELS} source reals: bandwidth ratio k/n = {:.4}.\n- Each picture's symbols have mean \
         power 1 by themselves. {told}\n- Pixels are grey in [0, 1], 0 is background.\n",
        k as f64 / N_PIXELS as f64
    )
    .expect("a string takes all that is written");
    card
}

fn described(stage: &Stage, link: &LinkSpec) -> String {
    let mut text = format!(
        "at most {} epochs; {}; SNR uniform in {} to {} dB; Adam, {} falling as `{:?}`",
        stage.epochs,
        self::link(link),
        stage.snr_db[0],
        stage.snr_db[1],
        stage.learning_rate,
        stage.schedule
    );
    let turn = |turn: &Turn| {
        let (learns, objective) = (turn.learns.join(" and "), objective(turn.objective));
        format!("{learns} for {} steps to {objective}", turn.steps)
    };
    let turns = stage.turns.iter().map(turn);
    let extra = [
        (stage.warmup > 0).then(|| format!("warm-up of {} steps", stage.warmup)),
        (!stage.turns.is_empty()).then(|| format!("in turns: {}", turns.collect::<Vec<_>>().join(", then "))),
        stage.max_norm.map(|most| format!("gradients at most {most} long")),
        stage.average.map(|decay| format!("weights averaged with decay {decay}")),
        stage.patience.map(|epochs| format!("best weights, patience {epochs} epochs")),
    ];
    for words in extra.into_iter().flatten() {
        text = text + "; " + &words;
    }
    text
}

fn link(link: &LinkSpec) -> String {
    let frames = frames(link);
    link.air().map_or_else(|| frames.clone(), |air| format!("{frames}; {air}"))
}

fn frames(link: &LinkSpec) -> String {
    match link {
        LinkSpec::Ideal => "ideal AWGN".to_owned(),
        LinkSpec::Fading(fading) => {
            format!("symbols themselves, CSI at the receiver: {}", format!("{:?}", fading.csi).to_lowercase())
        }
        LinkSpec::Ladder(rungs) => {
            let rung = |rung: &RungSpec| {
                format!("from {} dB {}", rung.from_db, rung.link().as_ref().map_or_else(String::new, self::link))
            };
            format!("by SNR: {}", rungs.iter().map(rung).collect::<Vec<_>>().join("; "))
        }
        LinkSpec::Waveform(wave) => format!(
            "802.11 rate {}, a waveform of {} samples a symbol, roll-off {}, around subcarrier {}, {} inversion on {} \
             subcarriers, aimed at {}, {} received, {} handed over, {}, {} pictures a frame",
            wave.rate,
            wave.samples_per_symbol,
            wave.roll_off,
            wave.centre,
            format!("{:?}", wave.inversion).to_lowercase(),
            format!("{:?}", wave.tones).to_lowercase(),
            format!("{:?}", wave.aim).to_lowercase(),
            format!("{:?}", wave.receive).to_lowercase(),
            format!("{:?}", wave.hand).to_lowercase(),
            format!("{:?}", wave.reception).to_lowercase(),
            wave.images_per_frame
        ),
        LinkSpec::Bits(bits) => format!(
            "802.11 rate {}, symbols written as {}, damaged frames {}, {}, {} pictures a frame; straight-through gradient",
            bits.rate,
            match bits.number {
                Number::Float => "32-bit floats".to_owned(),
                Number::Fixed(n_bits) => format!("{n_bits}-bit steps over ±2"),
            },
            format!("{:?}", bits.damaged).to_lowercase(),
            format!("{:?}", bits.reception).to_lowercase(),
            bits.images_per_frame
        ),
        LinkSpec::Wifi(wifi) => format!(
            "802.11 rate {}, {} inversion, {} framing, {} received, {}, {} pictures a frame, {} OFDM symbols to spare ({}{}); straight-through gradient",
            wifi.rate,
            format!("{:?}", wifi.inversion).to_lowercase(),
            format!("{:?}", wifi.framing).to_lowercase(),
            format!("{:?}", wifi.receive).to_lowercase(),
            format!("{:?}", wifi.reception).to_lowercase(),
            wifi.images_per_frame,
            wifi.spare,
            format!("{:?}", wifi.room).to_lowercase(),
            if wifi.silence > 0.0 { format!(", silence {}", wifi.silence) } else { String::new() }
        ),
    }
}

fn objective(objective: Objective) -> String {
    match objective {
        Objective::Proxy { weight } | Objective::Guide { weight } | Objective::Surrogate { weight } => {
            format!("{} (weight {weight})", objective.name())
        }
        plain => plain.name().to_owned(),
    }
}
