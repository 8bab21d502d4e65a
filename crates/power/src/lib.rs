//! How surely and how soon a check finds what is wrong: every fault of the bank, by its law alone, at one seed after the other, beside tests that
//! draw without aim. And how often it accuses who is right.

mod baseline;
mod measure;
mod page;
mod report;
mod statistics;

pub use measure::{Options, Progress, measure};
pub use page::page;
pub use report::{Miss, Power, SCHEMA, Strategy, Thin, VariantPower};
