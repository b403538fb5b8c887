//! Special functions behind the risk models, and integration of functions of one variable.

pub(crate) mod log_product;
pub(crate) mod normal;
pub(crate) mod quadrature;
pub(crate) mod student;
