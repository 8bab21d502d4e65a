//! The parts that contenders encrypt in place, again and again: memory that is touched already, since a page fault costs more than
//! its encryption.

use std::fmt;

use rayon::prelude::*;

use crate::contest::{Contender, Work};

/// The part sizes: the smallest the service takes, the common ones, and a large one.
pub const PART_SIZES: [PartSize; 4] = [
    PartSize(100 << 10),
    PartSize(1 << 20),
    PartSize(8 << 20),
    PartSize(64 << 20),
];

/// Bytes of a part.
#[derive(Clone, Copy, Debug)]
pub struct PartSize(pub u32);

impl PartSize {
    /// In memory.
    pub fn length(self) -> usize {
        usize::try_from(self.0).expect("32 bits or more")
    }

    /// How many parts keep all cores busy for longer than it takes to wake them: 16 MiB of small ones, one a core of large ones.
    pub fn many(self) -> u32 {
        let cores = u32::try_from(rayon::current_num_threads()).expect("few");
        ((16 << 20) / self.0).clamp(cores, cores.max(16))
    }
}

impl fmt::Display for PartSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 >> 20 {
            0 => write!(f, "{} KiB", self.0 >> 10),
            mebibytes => write!(f, "{mebibytes} MiB"),
        }
    }
}

/// `length` bytes of plaintext, none of them like its neighbours.
pub fn plaintext(length: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut bytes = vec![0; length];
    for chunk in bytes.chunks_mut(8) {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        chunk.copy_from_slice(state.to_le_bytes().get(..chunk.len()).expect("8 at most"));
    }
    bytes
}

/// Parts that hold plaintext before a contender comes and, when it is right, the expected bodies afterwards.
pub struct Parts {
    plaintext_length: usize,
    bodies: Vec<Vec<u8>>,
    expected: Vec<Vec<u8>>,
}

/// Makes the body of part `number`, from 1, of its plaintext, in place. One exists for each part, so it may keep a context.
pub type PartFn<'k> = Box<dyn FnMut(u32, &mut Vec<u8>) + Send + 'k>;

impl Parts {
    /// `count` equal parts of plaintext; `expected` makes the body that part `number` must become.
    pub fn new(
        count: u32,
        plaintext_length: usize,
        expected: impl Fn(u32, &[u8]) -> Vec<u8>,
    ) -> Self {
        let plaintext = plaintext(plaintext_length);
        let expected: Vec<_> = (1..=count)
            .map(|number| expected(number, &plaintext))
            .collect();
        Parts {
            plaintext_length,
            bodies: vec![Vec::with_capacity(plaintext_length + 16); expected.len()],
            expected,
        }
    }

    /// A contender that encrypts `count` parts, each with a function that `make` makes for it beforehand.
    pub fn contender<'w>(count: u32, make: impl Fn() -> PartFn<'w>) -> Contender<'w, Parts> {
        let mut functions: Vec<_> = (0..count).map(|_| make()).collect();
        Box::new(move |parts| parts.encrypt(&mut functions))
    }

    /// Gives every part to the function of its place: on this core if there is but one part, else on all cores.
    fn encrypt(&mut self, functions: &mut [PartFn<'_>]) {
        let length = self.plaintext_length;
        let encrypt = |((number, function), body): ((u32, &mut PartFn<'_>), &mut Vec<u8>)| {
            // The tag of the turn before.
            body.truncate(length);
            function(number, body);
        };
        if let ([function], [body]) = (&mut *functions, self.bodies.as_mut_slice()) {
            return encrypt(((1, function), body));
        }
        let numbers: Vec<u32> = (1..).take(functions.len()).collect();
        numbers
            .into_par_iter()
            .zip(functions)
            .zip(&mut self.bodies)
            .for_each(encrypt);
    }
}

impl Work for Parts {
    fn reset(&mut self) {
        let plaintext = plaintext(self.plaintext_length);
        for body in &mut self.bodies {
            body.clear();
            body.extend_from_slice(&plaintext);
        }
    }

    fn check(&self) -> Result<(), String> {
        for (number, (body, expected)) in (1..).zip(self.bodies.iter().zip(&self.expected)) {
            check_bytes(&format!("part {number}"), body, expected)?;
        }
        Ok(())
    }
}

/// Compares all bytes.
///
/// # Errors
/// Where they begin to differ.
pub fn check_bytes(what: &str, actual: &[u8], expected: &[u8]) -> Result<(), String> {
    if actual == expected {
        return Ok(());
    }
    let same = actual.iter().zip(expected).take_while(|(a, e)| a == e);
    Err(format!(
        "{what} differs from byte {} on; it has {} bytes, expected {}",
        same.count(),
        actual.len(),
        expected.len()
    ))
}
