pub mod prelude {
  pub struct DataFrame; impl DataFrame { pub fn lazy(self) -> LazyFrame { loop {} } pub fn height(&self) -> usize { loop {} } }
  impl Clone for DataFrame { fn clone(&self) -> Self { loop {} } }
  pub struct LazyFrame; impl LazyFrame { pub fn collect(self) -> PolarsResult<DataFrame> { loop {} } pub fn filter(self, e: Expr) -> LazyFrame { loop {} }  }
  #[derive(Clone)] pub struct Expr;
  pub struct PolarsError;
  pub type PolarsResult<T> = std::result::Result<T, PolarsError>;
}
