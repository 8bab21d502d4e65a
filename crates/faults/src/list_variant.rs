//! Part lists spelt otherwise than the built-in client spells them, and readers that take more or give less: the forms that
//! published clients use.

use std::collections::BTreeMap;

use partproof_model::etag::unquoted;
use partproof_subjects::builtin::Builtin;
use partproof_suite::Subject;
use partproof_suite::subject::{PartListBuilder, PartListReader, Refusal};

use crate::Variant;
use crate::part_list::{Building, Reading, checked, escaped, written};
use crate::variant::utf_8;

fn builder(builder: &'static dyn PartListBuilder) -> Subject<'static> {
    Subject {
        part_list_builder: Some(builder),
        ..Subject::new("a part-list builder")
    }
}

fn part_list_reader(reader: &'static dyn PartListReader) -> Subject<'static> {
    Subject {
        part_list_reader: Some(reader),
        ..Subject::new("a part-list reader")
    }
}

/// A builder that leaves the order to its caller.
struct KeepsOrder;

impl PartListBuilder for KeepsOrder {
    fn part_list(&self, parts: &[(u64, String)]) -> Result<Vec<u8>, Refusal> {
        checked(parts)?;
        Ok(written(parts, escaped))
    }

    fn sorts(&self) -> bool {
        false
    }
}

/// A right list with something put before it, between its parts and after it.
fn spelt(parts: &[(u64, String)], change: fn(String) -> String) -> Result<Vec<u8>, Refusal> {
    let body = written(&checked(parts)?, escaped);
    Ok(change(String::from_utf8_lossy(&body).into_owned()).into_bytes())
}

pub(crate) const NUMBERED_QUOTES: Variant = Variant {
    id: "list-numbered-quotes",
    sentence: "Writes quotes as &#34;, as Go does.",
    subject: || {
        builder(&Building(|parts| {
            Ok(written(&checked(parts)?, |etag| {
                escaped(etag).replace('"', "&#34;")
            }))
        }))
    },
};

pub(crate) const NAMED_QUOTES: Variant = Variant {
    id: "list-named-quotes",
    sentence: "Writes quotes as &quot;, as Java v1 does.",
    subject: || {
        builder(&Building(|parts| {
            Ok(written(&checked(parts)?, |etag| {
                escaped(etag).replace('"', "&quot;")
            }))
        }))
    },
};

pub(crate) const RAW_QUOTES: Variant = Variant {
    id: "list-raw-quotes",
    sentence: "Writes quotes as they are, as oss2 does.",
    subject: || builder(&Building(|parts| Ok(written(&checked(parts)?, escaped)))),
};

pub(crate) const UNQUOTED: Variant = Variant {
    id: "list-unquoted",
    sentence: "Writes ETags without their quotes.",
    subject: || {
        builder(&Building(|parts| {
            let bare = |etag: &str| escaped(unquoted(etag));
            Ok(written(&checked(parts)?, bare))
        }))
    },
};

pub(crate) const REQUOTED: Variant = Variant {
    id: "list-requoted",
    sentence: "Strips whatever quotes and blanks an ETag has, and writes its own quotes.",
    subject: || {
        builder(&Building(|parts| {
            let requoted = |etag: &str| {
                let bare = etag.trim_matches(|one: char| one == '"' || one.is_whitespace());
                format!("\"{}\"", escaped(bare))
            };
            Ok(written(&checked(parts)?, requoted))
        }))
    },
};

pub(crate) const HEXADECIMAL_QUOTES: Variant = Variant {
    id: "list-hexadecimal-quotes",
    sentence: "Writes quotes as &#x22;.",
    subject: || {
        builder(&Building(|parts| {
            Ok(written(&checked(parts)?, |etag| {
                escaped(etag).replace('"', "&#x22;")
            }))
        }))
    },
};

pub(crate) const SECTIONS: Variant = Variant {
    id: "list-sections",
    sentence: "Writes ETags in CDATA sections, as far as those can hold them.",
    subject: || {
        builder(&Building(|parts| {
            Ok(written(&checked(parts)?, |etag| {
                match etag.contains("]]>") || etag.contains('\r') {
                    true => escaped(etag),
                    false => format!("<![CDATA[{etag}]]>"),
                }
            }))
        }))
    },
};

pub(crate) const NAMESPACE: Variant = Variant {
    id: "list-namespace",
    sentence: "Has a declaration in single quotes, and the root in a namespace.",
    subject: || {
        builder(&Building(|parts| {
            spelt(parts, |list| {
                let root =
                    "<CompleteMultipartUpload xmlns='http://doc.oss-cn-hangzhou.aliyuncs.com'>";
                let list = list.replacen("<CompleteMultipartUpload>", root, 1);
                format!("<?xml version='1.0' encoding='utf-8' standalone='yes'?>{list}")
            })
        }))
    },
};

pub(crate) const BYTE_ORDER_MARK: Variant = Variant {
    id: "list-byte-order-mark",
    sentence: "Begins with a byte order mark.",
    subject: || {
        builder(&Building(|parts| {
            spelt(parts, |list| format!("\u{feff}{list}"))
        }))
    },
};

pub(crate) const ETAG_FIRST: Variant = Variant {
    id: "list-etag-first",
    sentence: "Writes ETag before PartNumber, as C++ v2 does.",
    subject: || {
        builder(&Building(|parts| {
            let parts: String = checked(parts)?
                .iter()
                .map(|(number, etag)| {
                    format!(
                        "<Part><ETag>{}</ETag><PartNumber>{number}</PartNumber></Part>",
                        escaped(etag)
                    )
                })
                .collect();
            Ok(format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>").into_bytes())
        }))
    },
};

pub(crate) const DECLARATION: Variant = Variant {
    id: "list-declaration",
    sentence: "Begins with an XML declaration, as PHP v2 does.",
    subject: || {
        builder(&Building(|parts| {
            spelt(parts, |list| {
                format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{list}\n")
            })
        }))
    },
};

pub(crate) const INDENTED: Variant = Variant {
    id: "list-indented",
    sentence: "Breaks and indents its lines.",
    subject: || {
        builder(&Building(|parts| {
            spelt(parts, |list| {
                list.replace("><Part", ">\r\n  <Part")
                    .replace("><ETag", ">\r\n\t<ETag")
            })
        }))
    },
};

pub(crate) const ORDER_KEPT: Variant = Variant {
    id: "list-order-kept",
    sentence: "Lists parts in the caller's order, and says so.",
    subject: || builder(&KeepsOrder),
};

pub(crate) const LAST_OF_A_PART: Variant = Variant {
    id: "list-last-of-a-part",
    sentence: "Lists of a part that was sent twice the ETag that came last.",
    subject: || {
        builder(&Building(|parts| {
            let last: BTreeMap<u64, String> = parts.iter().cloned().collect();
            let parts: Vec<_> = last.into_iter().collect();
            Ok(written(&checked(&parts)?, escaped))
        }))
    },
};

pub(crate) const READER_UTF_16: Variant = Variant {
    id: "list-reader-utf-16",
    sentence: "Reads UTF-16 as well.",
    subject: || part_list_reader(&Reading(|body| Builtin.read_part_list(&utf_8(body)))),
};

pub(crate) const READER_BARE: Variant = Variant {
    id: "list-reader-bare",
    sentence: "Takes the quotes off ETags.",
    subject: || {
        part_list_reader(&Reading(|body| {
            let mut parts = Builtin.read_part_list(body)?;
            for (_, etag) in &mut parts {
                *etag = unquoted(etag).to_owned();
            }
            Ok(parts)
        }))
    },
};

pub(crate) const READER_OF_THE_MODEL: Variant = Variant {
    id: "list-reader-of-the-model",
    sentence: "Skips unknown elements, in another library.",
    subject: || {
        part_list_reader(&Reading(|body| {
            let parts = partproof_model::part_list::read(body).map_err(Refusal::from_error)?;
            Ok(parts
                .into_iter()
                .map(|part| (part.number, part.etag))
                .collect())
        }))
    },
};
