//! Common part of the vector kernels: both halves of a frame at once, step by step. A macro, because functions of
//! different target features cannot be one generic function.

/// Defines `search` of a kernel module with `step`, `patterns`, `least` and `subtract` for its vectors.
macro_rules! search {
    ($features:literal, $vector:ty) => {
        /// See [`super::Kernel::search`].
        #[target_feature(enable = $features)]
        pub(super) fn search(front: &mut Half, back: &mut Half) {
            let patterns = patterns();
            let (mut f, mut b): ($vector, $vector) = (bytemuck::cast(front.metrics), bytemuck::cast(back.metrics));
            let (mut front_costs, mut back_costs) = ([[0; N_MEMORY]; CHUNK], [[0; N_MEMORY]; CHUNK]);
            let front_chunks = front.blocks.chunks(CHUNK).zip(front.decisions.chunks_mut(CHUNK));
            let back_chunks = back.blocks.rchunks(CHUNK).zip(back.decisions.rchunks_mut(CHUNK));
            for ((front_blocks, front_decisions), (back_blocks, back_decisions)) in front_chunks.zip(back_chunks) {
                fill(&mut front_costs, front_blocks);
                fill(&mut back_costs, back_blocks);
                let back_rest = back_costs[..back_blocks.len()].iter().zip(back_decisions).rev();
                for ((fc, fd), (bc, bd)) in front_costs.iter().zip(front_decisions).zip(back_rest) {
                    let (front_least, back_least) = (least(f), least(b));
                    (f, fd[0]) = step::<0>(f, fc[0], &patterns);
                    (b, bd[5]) = step::<5>(b, bc[5], &patterns);
                    (f, fd[1]) = step::<1>(f, fc[1], &patterns);
                    (b, bd[4]) = step::<4>(b, bc[4], &patterns);
                    (f, fd[2]) = step::<2>(f, fc[2], &patterns);
                    (b, bd[3]) = step::<3>(b, bc[3], &patterns);
                    (f, fd[3]) = step::<3>(f, fc[3], &patterns);
                    (b, bd[2]) = step::<2>(b, bc[2], &patterns);
                    // Off the critical path, which the minimum's latency would lengthen.
                    f = subtract(f, front_least);
                    b = subtract(b, back_least);
                    (f, fd[4]) = step::<4>(f, fc[4], &patterns);
                    (b, bd[1]) = step::<1>(b, bc[1], &patterns);
                    (f, fd[5]) = step::<5>(f, fc[5], &patterns);
                    (b, bd[0]) = step::<0>(b, bc[0], &patterns);
                }
            }
            (front.metrics, back.metrics) = (bytemuck::cast(f), bytemuck::cast(b));
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn fill(to: &mut [[u32; N_MEMORY]; CHUNK], blocks: &[Block]) {
            for (cost, &pair) in to.as_flattened_mut().iter_mut().zip(blocks.as_flattened()) {
                *cost = costs(pair);
            }
        }
    };
}

pub(super) use search;
