#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| jscc_fuzz::photo::check(bytes));
