//! `partproof seeds`.

use std::path::Path;

use partproof_subjects::fuzz::{seeds, targets};
use partproof_suite::fuzz::Target;

use crate::args::SeedsArgs;
use crate::exit_code::ExitCode;
use crate::output;
use crate::output_file::OutputFile;

pub(crate) fn run(args: &SeedsArgs) -> Result<ExitCode, String> {
    let wanted: Vec<_> = match args.targets.as_slice() {
        [] => targets().collect(),
        some => some.to_vec(),
    };
    for target in wanted {
        let corpus = args.out.join("corpus").join(target.id);
        make_folder(&corpus)?;
        let seeds = seeds(target);
        for (name, bytes) in &seeds {
            OutputFile::open(&corpus.join(name))?.write(bytes)?;
        }
        output::show(&format!(
            "{}: {} seeds{}\n",
            target.id,
            seeds.len(),
            dictionary(target, &args.out)?
        ));
    }
    Ok(ExitCode::Conforms)
}

/// Writes the dictionary of a target that has one, and says so.
fn dictionary(target: &Target, out: &Path) -> Result<String, String> {
    let Some(text) = target.dictionary() else {
        return Ok(String::new());
    };
    let folder = out.join("dict");
    make_folder(&folder)?;
    let file = folder.join(format!("{}.dict", target.id));
    OutputFile::open(&file)?.write(text.as_bytes())?;
    let words = text.lines().filter(|line| line.starts_with('"')).count();
    Ok(format!(", a dictionary of {words} words"))
}

fn make_folder(folder: &Path) -> Result<(), String> {
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", output::name(folder)))
}
