//! What the numbers were measured on.

/// Model of the CPU, as the system tells it.
pub fn cpu() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = info.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    match (field("model name"), field("cpu family"), field("model\t")) {
        (Some(name), Some(family), Some(model)) => format!("{name} (family {family}, model {model})"),
        (Some(name), _, _) => name,
        _ => format!("unknown CPU ({})", std::env::consts::ARCH),
    }
}

/// The vector extensions that a decoder may use. "built for" names those that the whole program was compiled with.
pub fn features() -> Vec<&'static str> {
    let mut features = Vec::new();
    #[cfg(target_arch = "x86_64")]
    macro_rules! detect {
        ($($name:tt)*) => { $(if std::is_x86_feature_detected!($name) { features.push($name); })* };
    }
    #[cfg(target_arch = "x86_64")]
    detect!("sse4.1" "ssse3" "avx" "avx2" "fma" "bmi2" "gfni" "avx512f" "avx512bw" "avx512vl" "avx512vbmi");
    #[cfg(target_arch = "aarch64")]
    if std::arch::is_aarch64_feature_detected!("neon") {
        features.push("neon");
    }
    features.push(if cfg!(target_feature = "avx512bw") {
        "(built for avx512bw)"
    } else if cfg!(target_feature = "avx2") {
        "(built for avx2)"
    } else {
        "(built for the baseline)"
    });
    features
}
