//! The indicators' kernels as operations.

use super::operation::{Operation, Reach, Row, Rows, Running};
use crate::indicators::{Kernel, KernelStream};

/// A kernel, and whether its rows depend on the last ones alone. TA-Lib's running sums carry rounding errors on even
/// then: what is computed of fewer rows agrees to 1e-9, not to the last bit.
#[derive(Debug, Clone)]
pub(super) struct OfKernel {
    pub(super) kernel: Kernel,
    pub(super) forgets: bool,
}

impl Operation for OfKernel {
    fn name(&self) -> String {
        self.kernel.name()
    }

    fn outputs(&self) -> usize {
        self.kernel.outputs()
    }

    fn reach(&self) -> Reach {
        if self.forgets { Reach::Rows(self.kernel.lookback() + 1) } else { Reach::All }
    }

    fn running(&self, inputs: usize) -> Box<dyn Running> {
        Box::new(Streaming(self.kernel.stream(inputs)))
    }

    fn fill(&self, _: Rows<'_>, inputs: &[&[f64]], outputs: &mut [Vec<f64>]) {
        self.kernel.fill(inputs, outputs);
    }
}

#[derive(Debug)]
struct Streaming(Box<dyn KernelStream>);

impl Running for Streaming {
    fn push(&mut self, _: &Row<'_>, inputs: &[f64], outputs: &mut [f64]) {
        self.0.push(inputs, outputs);
    }
}
