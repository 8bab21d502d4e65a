//! Whose service a capture is of. Others speak the same language, and no rule of OSS is theirs.

use crate::capture::Message;

/// Ends of host names, beginnings of headers, and what a server calls itself, of each other service.
struct Service {
    name: &'static str,
    hosts: &'static [&'static str],
    headers: &'static [&'static str],
    servers: &'static [&'static str],
}

const SERVICES: &[Service] = &[
    Service {
        name: "Tencent COS",
        hosts: &[".myqcloud.com", ".tencentcos.cn"],
        headers: &["x-cos-"],
        servers: &["tencent-cos"],
    },
    Service {
        name: "Huawei OBS",
        hosts: &[".myhuaweicloud.com", ".myhuaweicloud.eu"],
        headers: &["x-obs-"],
        servers: &["obs"],
    },
    Service {
        name: "Google Cloud Storage",
        hosts: &["storage.googleapis.com"],
        headers: &["x-goog-"],
        servers: &["uploadserver"],
    },
    Service {
        name: "Azure Blob Storage",
        hosts: &[".blob.core.windows.net", ".blob.core.chinacloudapi.cn"],
        headers: &["x-ms-"],
        servers: &["windows-azure-blob"],
    },
    Service {
        name: "Cloudflare R2",
        hosts: &[".r2.cloudflarestorage.com"],
        headers: &["cf-r2-"],
        servers: &[],
    },
    Service {
        name: "Backblaze B2",
        hosts: &[".backblazeb2.com"],
        headers: &["x-bz-"],
        servers: &[],
    },
    Service {
        name: "Qiniu Kodo",
        hosts: &[".qiniup.com", ".qiniu.com", ".qbox.me", ".qiniucs.com"],
        headers: &["x-reqid", "x-qiniu-"],
        servers: &[],
    },
    Service {
        name: "Ceph",
        hosts: &[],
        headers: &["x-rgw-"],
        servers: &["ceph"],
    },
    Service {
        name: "MinIO",
        hosts: &[],
        headers: &["x-minio-"],
        servers: &["minio"],
    },
    Service {
        name: "Amazon S3",
        hosts: &[".amazonaws.com", ".amazonaws.com.cn"],
        headers: &["x-amz-"],
        servers: &["amazons3"],
    },
];

/// The other service that a capture is of, if nothing in it says that it is OSS.
pub(super) fn service(messages: &[Message]) -> Option<&'static str> {
    let mut found = None;
    for message in messages {
        let host = message.host().unwrap_or_default().to_ascii_lowercase();
        let host = host.split(':').next().unwrap_or_default();
        let server = message
            .header("server")
            .map(|server| String::from_utf8_lossy(server).to_ascii_lowercase());
        let has_header = |stems: &[&str]| {
            let mut names = message
                .headers
                .iter()
                .map(|(name, _)| name.to_ascii_lowercase());
            names.any(|name| stems.iter().any(|stem| name.starts_with(stem)))
        };
        let calls_itself = |names: &[&str]| {
            let server = server.as_deref().unwrap_or_default();
            names
                .iter()
                .any(|name| server == *name || server.starts_with(&format!("{name}/")))
        };
        if host.ends_with(".aliyuncs.com")
            || host.ends_with(".aliyun.com")
            || has_header(&["x-oss-"])
            || calls_itself(&["aliyunoss"])
        {
            return None;
        }
        let is_signed_for_s3 = message
            .header("authorization")
            .is_some_and(|value| value.starts_with(b"AWS4-HMAC-SHA256"));
        let is_of = |service: &&Service| {
            service.name == "Amazon S3" && is_signed_for_s3
                || service.hosts.iter().any(|end| host.ends_with(end))
                || has_header(service.headers)
                || calls_itself(service.servers)
        };
        // Chunks that S3 signs are sent to OSS too, by mistake.
        let is_of = |service: &&Service| {
            is_of(service) && !(service.name == "Amazon S3" && host.is_empty() && server.is_none())
        };
        found = found.or(SERVICES.iter().find(is_of));
    }
    found.map(|service| service.name)
}
