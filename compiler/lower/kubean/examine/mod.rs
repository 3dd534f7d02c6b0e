//! A second look at every finished operation before it is printed: it is read as the operator and its shell will read it, and nothing that
//! `compose` meant is believed.
//!
//! Responsible for: findings `L…`. What one call may say is `call`; what an operation's objects may be named is `objects`. Does not know
//! which playbooks a step should run, nor whether the cluster bears them: the judge has said that.

mod call;
mod objects;

use std::collections::BTreeMap;

use super::compose::Site;
use super::operation::{Operation, Origin};
use super::playbook::REMOVE_NODE;
use crate::diag::{Code, Diagnostic, Findings};
use crate::ir::{Plan, Step};
use crate::model::{Kubean, Migration};

/// Everything that is wrong with the operations of a plan, and what a reader should know of them.
pub fn examine(migration: &Migration, kubean: &Kubean, plan: &Plan) -> Findings {
    let composed: Vec<(&Step, Operation)> =
        plan.steps.iter().filter_map(|step| Some((step, Site { migration, kubean, step }.operation()?))).collect();
    let mut report = Report { findings: Findings::default() };
    for (step, operation) in &composed {
        look_at(&Subject { kubean, step, operation }, &mut report);
    }
    look_at_all(kubean, &composed, &mut report);
    report.findings
}

/// One operation, and what its findings point at.
struct Subject<'a> {
    kubean: &'a Kubean,
    step: &'a Step,
    operation: &'a Operation,
}

impl Subject<'_> {
    /// A finding about a call: at the team's own line where it is theirs.
    fn finding(&self, code: Code, origin: &Origin, text: impl Into<String>) -> Diagnostic {
        match origin {
            Origin::Plan => Diagnostic::at(code, &self.step.because, text).at_step(self.step.id.as_str()),
            Origin::Team { place, .. } => Diagnostic::at(code, place, text),
        }
    }
}

/// What was found. A line of the spec that spoils every operation is reported once.
struct Report {
    findings: Findings,
}

impl Report {
    fn push(&mut self, finding: Diagnostic) {
        if !self.findings.iter().any(|known| *known == finding) {
            self.findings.push(finding);
        }
    }
}

fn look_at(subject: &Subject<'_>, report: &mut Report) {
    for part in &subject.operation.parts {
        call::look_at(subject, part, report);
    }
    removals(subject, report);
    objects::look_at(subject, report);
}

/// Etcd and the API bear one machine less, not two.
fn removals(subject: &Subject<'_>, report: &mut Report) {
    let removals = subject.operation.parts.iter().filter(|part| part.call.action == REMOVE_NODE);
    let removed: Vec<String> = removals.flat_map(|part| call::meant(subject, &part.call)).collect();
    if removed.len() > 1 {
        let text = format!("expected one machine to be removed by one operation, found {}", removed.join(", "));
        let why = "the proof of this plan takes machines away one at a time, and looks at the cluster in between.";
        report.push(subject.finding(Code::L102, &Origin::Plan, text).why(why));
    }
}

/// Said once for the plan: a number that is even stays so for some steps.
fn checks_are_on(composed: &[(&Step, Operation)], report: &mut Report) {
    let without: Vec<_> = composed.iter().filter(|(_, operation)| call::ignores_checks(operation)).collect();
    let Some((step, operation)) = without.first() else { return };
    let members = operation.inventory.etcd.len();
    let text = match without.len() {
        1 => format!("expected an odd number of etcd members on the list, found {members}"),
        count => format!("expected an odd number of etcd members on the list, found {members} here, the first of {count} operations"),
    };
    let finding = Diagnostic::at(Code::L103, &step.because, text).at_step(step.id.as_str()).why(CHECKS_THAT_ARE_OFF);
    report.push(finding.help("compare the machines that join with their neighbours by hand: release, memory, kernel"));
}

const CHECKS_THAT_ARE_OFF: &str = "kubespray stops at an even number of members, which lasts for some steps here: `ignore_assert_errors` \
    lets it go on. Its other checks are off with that one: whether it knows the operating system, the memory, the kernel, the network \
    plugin, the range of the pods' addresses, and whether a machine has the address that the inventory says.";

fn look_at_all(kubean: &Kubean, composed: &[(&Step, Operation)], report: &mut Report) {
    objects::names_are_apart(composed, report);
    checks_are_on(composed, report);
    if !composed.is_empty() && !kubean.image.is_pinned() {
        let text = format!("expected an image with the tag of a release, or a digest, found {}", kubean.image.as_str());
        let why = "an image that changes between two operations runs another kubespray in the middle of the migration.";
        report.push(Diagnostic::at(Code::L104, &kubean.place, text).why(why).help("name the image with which the cluster was deployed"));
    }
    let (count, limit) = (composed.len(), kubean.operations_limit.value);
    if u32::try_from(count).is_ok_and(|count| count <= limit) {
        return;
    }
    let text = format!("expected at most {limit} operations, as many as the operator keeps, found {count} in this plan");
    let finding = Diagnostic::at(Code::L110, &kubean.operations_limit.place, text)
        .why("older operations are deleted with their jobs and logs. A file that is applied again later runs its operation a second time.")
        .help_copy(
            "raise the limit in the operator's chart for the length of the migration",
            format!("kubeanOperator:\n  operationsBackendLimit: {}", roomy(count)),
        )
        .help_copy("and say so in the spec", format!("operationsLimit: {}", roomy(count)));
    report.push(finding);
}

/// Room for the plan's operations and for a second attempt of each; the operator keeps at most 200.
fn roomy(count: usize) -> usize {
    (count * 2).min(200)
}

/// How often each text occurs.
fn counted<'t>(texts: impl Iterator<Item = &'t str>) -> BTreeMap<&'t str, usize> {
    texts.fold(BTreeMap::new(), |mut counts, text| {
        *counts.entry(text).or_default() += 1;
        counts
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::render::{Format, Style, render};
    use crate::lower::kubean::api::{Call, SourceReference};
    use crate::lower::kubean::fixture::{IN_PLACE, REPLACED, kubean, migration, plan, step};
    use crate::lower::kubean::operation::Part;
    use crate::lower::sheet::LineMoment;
    use crate::source::SourceFile;

    const REMOVE: &str = "68-rebuild-control-plane/master-2/remove";
    const ADD: &str = "62-rebuild-workers/worker/add";

    fn shown(findings: &Findings, text: &str) -> String {
        render(findings, &SourceFile::new("migration.yaml", text), Format::Human, Style::Plain)
    }

    /// There is one finding, of this code; what is said is kept as a snapshot.
    fn exactly(code: Code, findings: &Findings, text: &str) {
        let shown = shown(findings, text);
        assert_eq!(findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), [code], "{shown}");
        insta::with_settings!({ snapshot_path => "../../../../snapshots/diagnostics", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("{}-{}", code.name(), code.slug()), shown);
        });
    }

    /// The operation of a step of the plan in place, with one thing changed.
    fn broken(id: &str, change: impl Fn(&mut Operation)) -> Findings {
        let migration = migration(IN_PLACE);
        let (plan, kubean) = (plan(&migration), kubean(&migration));
        let step = step(&plan, id);
        let mut operation = Site { migration: &migration, kubean, step }.operation().unwrap();
        change(&mut operation);
        let mut report = Report { findings: Findings::default() };
        look_at(&Subject { kubean, step, operation: &operation }, &mut report);
        report.findings
    }

    /// The call of a playbook, to be changed.
    fn call<'o>(operation: &'o mut Operation, playbook: &str) -> &'o mut Call {
        operation.parts.iter_mut().map(|part| &mut part.call).find(|call| call.action == playbook).unwrap()
    }

    fn whole(text: &str) -> Findings {
        let migration = migration(text);
        examine(&migration, kubean(&migration), &plan(&migration))
    }

    #[test]
    fn a_plan_of_our_own_is_clean() {
        assert_eq!(shown(&whole(IN_PLACE), IN_PLACE), "");
    }

    #[test]
    fn a_hook_that_takes_nothing_over_from_its_operation_says_whom_it_means() {
        let clean = broken(REMOVE, |operation| call(operation, "clean-kube-apiserver.yml").extra_args = None);
        exactly(Code::L101, &clean, IN_PLACE);
        let firewall = broken(ADD, |operation| call(operation, "disable-firewalld.yml").extra_args = None);
        assert_eq!(firewall.iter().map(|finding| finding.code).collect::<Vec<_>>(), [Code::L101]);
        let hook = "hooks: [{around: add, moment: before, playbook: update-hosts.yml}]";
        let of_team = whole(&IN_PLACE.replace("hooks: []", hook));
        assert_eq!(of_team.iter().map(|finding| finding.code).collect::<Vec<_>>(), [Code::L101], "once for all operations");
    }

    #[test]
    fn one_operation_removes_one_machine() {
        for two in ["-e node=master-2,worker", "-e node=etcd"] {
            let findings = broken(REMOVE, |operation| call(operation, "remove-node.yml").extra_args = Some(two.into()));
            assert_eq!(findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), [Code::L102], "{two}");
        }
        let two = broken(REMOVE, |operation| call(operation, "remove-node.yml").extra_args = Some("-e node=master-2,worker".into()));
        exactly(Code::L102, &two, IN_PLACE);
    }

    #[test]
    fn checks_are_off_only_while_the_number_of_members_is_even_and_that_is_said() {
        exactly(Code::L103, &whole(REPLACED), REPLACED);
    }

    #[test]
    fn an_image_that_may_change_is_found_once() {
        let migration = migration(IN_PLACE);
        let mut kubean = kubean(&migration).clone();
        kubean.image = crate::model::Image::parse("ghcr.io/kubean-io/spray-job:latest").unwrap();
        exactly(Code::L104, &examine(&migration, &kubean, &plan(&migration)), IN_PLACE);
    }

    #[test]
    fn arguments_reach_the_playbook_as_they_are_written() {
        let folded = broken(ADD, |operation| call(operation, "scale.yml").extra_args = Some("--limit=worker\n-e a=b".into()));
        assert_eq!(folded.iter().map(|finding| finding.code).collect::<Vec<_>>(), [Code::L105]);
        let expanded = broken(ADD, |operation| {
            let lines = "--limit=worker -e \"{repo_list: ['http://10.6.0.5:9000/kubean/centos/$releasever/os/$basearch']}\"";
            call(operation, "enable-repo.yml").extra_args = Some(lines.into());
        });
        exactly(Code::L105, &expanded, IN_PLACE);
    }

    #[test]
    fn an_operator_knows_the_playbooks_of_its_release() {
        let findings = broken(REMOVE, |operation| {
            let call = Call::builtin("facts.yml", "");
            operation.parts.insert(0, Part { moment: LineMoment::Before, call, origin: Origin::Plan });
        });
        exactly(Code::L106, &findings, IN_PLACE);
    }

    #[test]
    fn names_can_be_those_of_jobs_and_volumes() {
        let long = broken(ADD, |operation| operation.name = "a".repeat(49));
        exactly(Code::L107, &long, IN_PLACE);
        let reserved = broken(ADD, |operation| {
            operation.own[0].config_map = "hosts-conf".into();
            let reference = SourceReference { name: "hosts-conf".into(), namespace: "kubean-system".into() };
            call(operation, "gather-facts.yml").action_source_ref = Some(reference);
        });
        let missing = broken(ADD, |operation| operation.own.clear());
        let twice = broken(ADD, |operation| {
            let again = operation.parts.iter().find(|part| part.call.action_source.is_some()).unwrap().clone();
            operation.parts.push(Part { moment: LineMoment::After, ..again });
        });
        for findings in [reserved, missing, twice] {
            assert_eq!(findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), [Code::L107], "{}", shown(&findings, IN_PLACE));
        }
    }

    #[test]
    fn two_operations_never_share_a_name_nor_an_attempt() {
        let migration = migration(IN_PLACE);
        let (plan, kubean) = (plan(&migration), kubean(&migration));
        for name in ["one", "one-02"] {
            let mut composed: Vec<_> = [REMOVE, ADD]
                .map(|id| step(&plan, id))
                .map(|step| (step, Site { migration: &migration, kubean, step }.operation().unwrap()))
                .into();
            composed[0].1.name = "one".into();
            composed[1].1.name = name.into();
            let mut report = Report { findings: Findings::default() };
            objects::names_are_apart(&composed, &mut report);
            assert_eq!(report.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), [Code::L107], "{name}");
        }
    }

    #[test]
    fn no_operation_resets_the_cluster() {
        let findings = broken(REMOVE, |operation| *call(operation, "remove-node.yml") = Call::builtin("reset.yml", ""));
        exactly(Code::L108, &findings, IN_PLACE);
    }

    #[test]
    fn whom_an_operation_names_stands_in_its_inventory() {
        let findings = broken(ADD, |operation| call(operation, "scale.yml").extra_args = Some("--limit=woker".into()));
        exactly(Code::L109, &findings, IN_PLACE);
    }

    #[test]
    fn more_operations_than_the_operator_keeps_are_pointed_out() {
        let text = IN_PLACE.replace("operationsLimit: 20", "operationsLimit: 5");
        exactly(Code::L110, &whole(&text), &text);
    }
}
