//! An upload of a session, as the client sees it.

use std::collections::BTreeMap;

use partproof_model::limits::MIN_PART_SIZE;
use partproof_model::service::UploadId;
use partproof_model::{Headers, envelope};

use super::name;

/// An upload as the client sees it.
#[derive(Clone)]
pub(super) struct Upload {
    pub(super) id: UploadId,
    pub(super) object: String,
    pub(super) data_size: u64,
    pub(super) part_size: u64,
    /// ETag and length of what was sent last under each number.
    pub(super) parts: BTreeMap<u64, (String, u64)>,
    pub(super) is_open: bool,
}

impl Upload {
    /// An id that the service does not know.
    pub(super) fn unknown() -> Self {
        Self {
            id: UploadId("never-initiated".to_owned()),
            object: name(0),
            data_size: MIN_PART_SIZE,
            part_size: MIN_PART_SIZE,
            parts: BTreeMap::new(),
            is_open: false,
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.data_size / self.part_size + u64::from(!self.data_size.is_multiple_of(self.part_size))
    }

    /// The length that part `number` must have; 0 if there is no such part.
    pub(super) fn length(&self, number: u64) -> u64 {
        if number == 0 || number > self.count() {
            return 0;
        }
        self.part_size
            .min(self.data_size - (number - 1) * self.part_size)
    }

    pub(super) fn envelope(&self) -> Headers {
        [
            (envelope::KEY, "a2V5"),
            (envelope::START, "c3RhcnQ="),
            (envelope::CEK_ALG, "AES/CTR/NoPadding"),
            (envelope::WRAP_ALG, "RSA/NONE/PKCS1Padding"),
            (envelope::DATA_SIZE, &self.data_size.to_string()),
            (envelope::PART_SIZE, &self.part_size.to_string()),
        ]
        .into_iter()
        .collect()
    }
}
