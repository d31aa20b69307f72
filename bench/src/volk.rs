//! VOLK's Viterbi kernel by its C interface. It adds, compares and selects; tables and traceback are its caller's.

use crate::viterbi::GENERATORS;
use std::ffi::{CStr, c_char, c_int, c_uint};
use std::time::Instant;

const N_STATES: usize = 64;
const N_MEMORY: usize = 6;
/// Metric of a start in a state other than zero: VOLK's metrics saturate at 255, a branch costs at most 63.
const UNLIKELY: u8 = 63;

#[repr(C)]
struct Description {
    names: *const *const c_char,
    architectures: *const c_int,
    aligned: *const bool,
    n: usize,
}

unsafe extern "C" {
    fn volk_version() -> *const c_char;
    fn volk_8u_x4_conv_k7_r2_8u_get_func_desc() -> Description;
    fn volk_8u_x4_conv_k7_r2_8u_manual(
        new: *mut u8,
        old: *mut u8,
        symbols: *mut u8,
        decisions: *mut u8,
        n_bits: c_uint,
        n_excess: c_uint,
        branches: *mut u8,
        kernel: *const c_char,
    );
}

#[repr(align(64))]
struct Aligned([u8; N_STATES]);

pub struct Decoder {
    kernel: &'static CStr,
    old: Aligned,
    new: Aligned,
    /// For each generator 32 octets: 255 where the branch from state `j` with input 0 sends a 1.
    branches: Aligned,
    /// A word a step, a bit a state: 1 says "from the state whose oldest bit is 1".
    decisions: Vec<u64>,
}

impl Decoder {
    /// With the fastest of the kernels that VOLK has for this CPU, by trial. An even number of steps is what the SIMD
    /// kernels do without a scalar rest.
    pub fn new(n_steps: usize) -> Self {
        assert_eq!(n_steps % 2, 0, "steps come in pairs, got {n_steps}");
        let branches = std::array::from_fn(|i| {
            let register = 2 * (i % (N_STATES / 2)) as u16;
            if (register & GENERATORS[i / (N_STATES / 2)]).count_ones() & 1 == 1 { 255 } else { 0 }
        });
        let metrics = || Aligned([0; N_STATES]);
        let (old, new, decisions) = (metrics(), metrics(), vec![0; n_steps]);
        let mut decoder = Self { kernel: c"", old, new, branches: Aligned(branches), decisions };
        let symbols = vec![0; 2 * n_steps];
        decoder.kernel = kernels()
            .into_iter()
            .min_by_key(|kernel| {
                decoder.kernel = kernel;
                decoder.forward(&symbols);
                let start = Instant::now();
                decoder.forward(&symbols);
                start.elapsed()
            })
            .expect("VOLK has a kernel");
        decoder
    }

    pub fn name(&self) -> String {
        // SAFETY: a constant string of the library.
        let version = unsafe { CStr::from_ptr(volk_version()) };
        format!("VOLK {} {}", version.to_string_lossy(), self.kernel.to_string_lossy())
    }

    pub fn decode(&mut self, symbols: &[u8], octets: &mut [u8]) {
        self.forward(symbols);
        self.trace_back(octets);
    }

    fn forward(&mut self, symbols: &[u8]) {
        assert_eq!(symbols.len(), 2 * self.decisions.len(), "symbols of the frame");
        self.old.0.fill(UNLIKELY);
        self.old.0[0] = 0;
        if self.kernel == c"generic" {
            // The only kernel that sets bits rather than words.
            self.decisions.fill(0);
        }
        // SAFETY: 64 metrics each, 64 octets of branches, two symbols and 8 octets of decisions a step, all aligned as
        // VOLK's own buffers are (the decisions are written as short integers). Symbols are only read.
        unsafe {
            volk_8u_x4_conv_k7_r2_8u_manual(
                self.new.0.as_mut_ptr(),
                self.old.0.as_mut_ptr(),
                symbols.as_ptr().cast_mut(),
                self.decisions.as_mut_ptr().cast(),
                (self.decisions.len() - N_MEMORY) as c_uint,
                N_MEMORY as c_uint,
                self.branches.0.as_mut_ptr(),
                self.kernel.as_ptr(),
            );
        }
    }

    /// From state zero back. A decision is the bit that left the register in that step: the input six steps before.
    fn trace_back(&self, octets: &mut [u8]) {
        let mut state = 0;
        for (octet, steps) in octets.iter_mut().zip(self.decisions[N_MEMORY..].chunks_exact(8)).rev() {
            let mut bits = 0;
            for decisions in steps.iter().rev() {
                let oldest = decisions >> state & 1;
                state = state >> 1 | oldest << (N_MEMORY - 1);
                bits = bits << 1 | oldest;
            }
            *octet = bits as u8;
        }
    }
}

/// Names of the kernels that this CPU runs.
fn kernels() -> Vec<&'static CStr> {
    // SAFETY: VOLK describes itself by arrays of `n` constant strings that live as long as the library.
    unsafe {
        let description = volk_8u_x4_conv_k7_r2_8u_get_func_desc();
        std::slice::from_raw_parts(description.names, description.n).iter().map(|&name| CStr::from_ptr(name)).collect()
    }
}
