//! `partproof power`.

use std::fmt::Write;

use comfy_table::{CellAlignment, Table, presets};
use glob::Pattern;
use partproof_faults::{FAULTS, VARIANTS, Variant};
use partproof_power::{Options, Power, measure, page};
use partproof_subjects::builtin;

use crate::args::{MatrixReportKind, PowerArgs, of_shard};
use crate::check::count;
use crate::exit_code::ExitCode;
use crate::output::{self, bad, bold, good, grouped};
use crate::output_file::OutputFile;
use crate::progress::Steps;

/// It has every piece that a variant has.
static BUILT_IN: Variant = Variant {
    id: "built-in",
    sentence: "The built-in client.",
    subject: builtin::subject,
};

pub(crate) fn run(args: &PowerArgs) -> Result<ExitCode, String> {
    let only = args
        .only
        .iter()
        .map(|glob| Pattern::new(glob).map_err(|error| format!("--only {glob}: {error}")));
    let only = only.collect::<Result<Vec<_>, _>>()?;
    let is_wanted = |id: &str| only.is_empty() || only.iter().any(|one| one.matches(id));
    let faults = FAULTS.iter().filter(|fault| is_wanted(fault.id));
    let variants = VARIANTS.iter().chain([&BUILT_IN]);
    let variants = variants.filter(|variant| is_wanted(variant.id));
    let faults = of_shard(args.shard, faults);
    let variants = of_shard(args.shard, variants);
    if faults.is_empty() && variants.is_empty() {
        let only = args.only.join(" ");
        return Err(format!(
            "--only {only}: no fault and no variant matches, or none of this shard"
        ));
    }
    let files = args
        .reports
        .iter()
        .map(|wanted| OutputFile::open(&wanted.file))
        .collect::<Result<Vec<_>, _>>()?;
    let steps = Steps::new();
    let power = measure(&Options {
        seeds: args.seeds,
        baseline_seeds: args.baseline_seeds,
        variant_seeds: args.variant_seeds.unwrap_or(args.seeds),
        canary_runs: 2_000,
        faults: &faults,
        variants: &variants,
        progress: &|progress| steps.show(progress.done, progress.of, progress.what),
    });
    steps.finish();
    for (wanted, file) in args.reports.iter().zip(files) {
        let text = match wanted.kind {
            MatrixReportKind::Json => power.json(),
            MatrixReportKind::Html => page(&power),
        };
        file.write(text.as_bytes())?;
    }
    let problems = power.problems();
    output::show(&if args.json {
        power.json()
    } else {
        terminal(&power, &problems)
    });
    Ok(match problems.is_empty() {
        true => ExitCode::Conforms,
        false => ExitCode::Violates,
    })
}

fn terminal(power: &Power, problems: &[String]) -> String {
    let mut text = format!(
        "{}\n\n",
        bold(format!(
            "{}, each by its law alone, at {}",
            count(power.faults.len(), "fault"),
            count(usize::try_from(power.seeds).unwrap_or(usize::MAX), "seed"),
        ))
    );
    let or_none = |number: Option<String>| number.unwrap_or_else(|| "-".to_owned());
    let totals = power.totals().into_iter().map(|total| {
        [
            total.strategy.to_string(),
            format!("{} of {}", total.faults, total.of),
            format!("{:.1} %", total.share * 100.0),
            or_none(total.median_cases.map(grouped)),
            or_none(total.median_seconds.map(|seconds| format!("{seconds:.3}"))),
        ]
    });
    let header = [
        "drawn",
        "found at every seed",
        "of all runs",
        "median cases",
        "median seconds",
    ];
    text.push_str(&lines(header, totals));
    text.push_str("\nthe thinnest faults\n\n");
    let thinnest = power.thinnest().into_iter().take(15).map(|thin| {
        [
            thin.fault.id.clone(),
            thin.fault.law.clone(),
            or_none(thin.cases.0.map(grouped)),
            format!(
                "{} of {}",
                or_none(thin.cases.1.map(grouped)),
                grouped(thin.fault.cases)
            ),
            format!("{:.1e}, at most {:.1e}", thin.miss.chance, thin.miss.most),
        ]
    });
    let header = [
        "fault",
        "law",
        "median cases",
        "most cases",
        "chance of a miss",
    ];
    text.push_str(&lines(header, thinnest));
    text.push('\n');
    let (cases, alarms, most) = power.alarms();
    if cases > 0 {
        writeln!(
            text,
            "{}, {} cases: {alarms:.2} false alarms in a million, at most {most:.2}",
            count(power.variants.len(), "right variant"),
            grouped(cases),
        )
        .expect("writing to a String cannot fail");
    }
    writeln!(
        text,
        "the canary, found once in a hundred runs: in {} of {}\n",
        grouped(power.canary.found),
        grouped(power.canary.runs),
    )
    .expect("writing to a String cannot fail");
    for problem in problems {
        writeln!(text, "{} {problem}", bad("problem:")).expect("writing to a String cannot fail");
    }
    if problems.is_empty() {
        text.push_str(&good(match cases {
            0 => "every fault was found at every seed; no right variant was judged\n",
            _ => "every fault was found at every seed, and no right variant accused\n",
        }));
    }
    text
}

fn lines(header: [&str; 5], rows: impl Iterator<Item = [String; 5]>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(header);
    table.add_rows(rows);
    for number in 2..4 {
        if let Some(column) = table.column_mut(number) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let lines = table.lines().map(|line| line.trim_end().to_owned() + "\n");
    lines.collect()
}
