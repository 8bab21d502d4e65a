//! `partproof serve`.

use std::sync::mpsc::channel;
use std::{io, thread};

use partproof_emulator::{AccessKey, Admission, Config, Emulator, Recording, Script, temporary};

use crate::args::ServeArgs;
use crate::exit_code::ExitCode;
use crate::{input, interrupt, output};

pub(crate) fn run(args: &ServeArgs) -> Result<ExitCode, String> {
    // From the first moment on: whatever is begun below ends in order.
    let (happens, happened) = channel();
    interrupt::tell(happens.clone(), Event::Told).map_err(|error| format!("signals: {error}"))?;
    let script = match &args.script {
        None => Script::default(),
        Some(file) => {
            let text = input::SCRIPT
                .text(file)
                .map_err(|problem| format!("--script {problem}"))?;
            Script::read(&text)
                .map_err(|error| format!("--script {}: {error}", output::name(file)))?
        }
    };
    if !args.listen.ip().is_loopback() {
        output::say(&format!(
            "{} {} is not a loopback address: others can reach this server, whose key pair is public\n",
            output::error("warning:"),
            args.listen.ip()
        ));
    }
    let config = Config {
        listen: args.listen,
        region: args.region.clone(),
        bucket: args.bucket.clone(),
        access_key: AccessKey {
            id: args.access_key_id.clone(),
            secret: args.access_key_secret.clone(),
        },
        verifies_signatures: !args.no_verify,
        admission: Admission {
            hosts: args.allow_hosts.clone(),
            origins: args.cors.clone(),
        },
        data_dir: args.data_dir.clone(),
        syncs: args.sync,
        record: args.record.clone().map(Recording::Folder),
        script,
        ..Config::default()
    };
    // A large journal takes its time, in which it may be told to end.
    thread::Builder::new()
        .spawn(move || {
            let started = Event::Started(Box::new(Emulator::start(config)));
            // Nobody is there any more if it was told to end: the emulator ends with this.
            let _ = happens.send(started);
        })
        .map_err(|error| format!("a thread: {error}"))?;
    if let Ok(Event::Started(started)) = happened.recv() {
        let emulator = started.map_err(|error| error.to_string())?;
        output::show(&greeting(args, &emulator));
        let _ = happened.recv();
    }
    // What a start that is not over has made so far goes with it; a data folder is whole at any moment.
    temporary::remove_all();
    Ok(ExitCode::Conforms)
}

/// What a server waits for.
enum Event {
    Started(Box<io::Result<Emulator>>),
    Told,
}

/// The endpoint on the first line, then how each client is pointed at it.
fn greeting(args: &ServeArgs, emulator: &Emulator) -> String {
    let ServeArgs {
        bucket,
        region,
        access_key_id: id,
        access_key_secret: secret,
        ..
    } = args;
    let endpoint = format!("http://{}", emulator.address());
    let kept = match &args.data_dir {
        None => "nothing outlives this process; see --data-dir".to_owned(),
        Some(folder) => format!("kept in {}", output::name(folder)),
    };
    format!(
        "{endpoint}
bucket {bucket}, region {region}, access key {id}, secret {secret} (for tests only); {kept}

Python, oss2                 oss2.CryptoBucket(oss2.Auth('{id}', '{secret}'), '{endpoint}', '{bucket}', oss2.RsaProvider(...))
Python, alibabacloud-oss-v2  cfg.region = '{region}'; cfg.endpoint = '{endpoint}'; cfg.use_path_style = True
Go, aliyun-oss-go-sdk        oss.New(\"{endpoint}\", \"{id}\", \"{secret}\")
Go, alibabacloud-oss-go-sdk-v2
                             cfg.WithEndpoint(\"{endpoint}\").WithUsePathStyle(true).WithRegion(\"{region}\")
Java, aliyun-sdk-oss         clientConfiguration.setSLDEnabled(true), endpoint {endpoint}
Java, alibabacloud-oss-v2    builder.endpoint(\"{endpoint}\").usePathStyle(true).region(\"{region}\")

Ctrl-C ends it.
"
    )
}
