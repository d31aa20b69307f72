//! The checks hold on every seed, and on every seed cut anywhere or with an octet turned: a build without sanitizers.

use jscc_fuzz::TARGETS;

#[test]
fn seeds_pass() {
    for (name, check, seeds) in TARGETS {
        for (i, seed) in seeds().iter().enumerate() {
            println!("{name} {i}");
            check(seed);
            for at in (0..seed.len()).step_by(1 + seed.len() / 16) {
                check(&seed[..at]);
                let mut turned = seed.clone();
                turned[at] ^= 0xff;
                check(&turned);
            }
        }
    }
}
