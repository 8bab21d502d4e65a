//! The service as its documentation and its vendor's tests describe it, run through [`Service`].
//!
//! [`ec_pages`] has the documented example of every page of the EC family; [`vendor_assertions`] what the vendor's tests
//! assert of the real service; [`general_rules`] and [`limits_and_names`] multipart uploads at large; [`metadata`] what is kept of headers; [`open_questions`] both sides of whatever
//! the evidence leaves open. Every refused step, in every test, is checked to have changed nothing: see [`bucket`].

mod bucket;
mod ec_pages;
mod general_rules;
mod limits_and_names;
mod metadata;
mod open_questions;
mod vendor_assertions;
