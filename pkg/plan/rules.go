package plan

import "slices"

// Rule is one kind of thing that deserves a look. Its ID never changes its meaning.
type Rule struct {
	ID string
	// Title is a few words, as for a heading.
	Title string
	// Severity is the usual one; Summary says where a finding differs.
	Severity Severity
	// Summary says in a sentence or two what Helm does and why it matters.
	Summary string
	// Fix is what helps in general; a finding's own fix is more exact.
	Fix string
}

// ruleTable is the one list of rules, by ID: HH0xx what Helm ignores or overrides in a document, HH1xx
// what a run of the machine shows, HH2xx references between objects, HH3xx practice, HH4xx what an engine other than Helm makes of a hook. HH102 was
// never used.
// Never written to after start-up.
var ruleTable = [...]Rule{
	{
		"HH001", "unknown event drops the object", SeverityError,
		"One part of helm.sh/hook that is no event, even an empty one after a trailing comma, makes Helm drop the whole object: it is neither installed nor run, and the exit code stays 0.",
		"write Helm's events only, separated by commas",
	},
	{
		"HH002", "crd-install drops the object", SeverityError,
		"crd-install was an event of Helm 2 only; Helm 3 and 4 drop the object, which is harmless where crds/ holds the same CustomResourceDefinition.",
		"move the CustomResourceDefinition to the chart's crds/ folder and remove helm.sh/hook",
	},
	{
		"HH003", "weight is no integer", SeverityWarning,
		"A helm.sh/hook-weight that is no integer counts as 0, without a word from Helm; a note only where it is empty, since 0 is the default.",
		"write a whole number in quotes",
	},
	{
		"HH004", "annotation is not a string", SeverityError,
		"A number or a boolean among a hook's annotations cannot be built into a Kubernetes object, so the action fails when that hook's turn comes, after everything before it was done.",
		"put the value in quotes (in a template: | quote)",
	},
	{
		"HH005", "unknown delete policy", SeverityWarning,
		"Helm ignores a delete policy that it does not know, but any helm.sh/hook-delete-policy, even an empty one, turns the default before-hook-creation off.",
		"write one or more of before-hook-creation, hook-succeeded, hook-failed, separated by commas",
	},
	{
		"HH006", "event listed twice", SeverityWarning,
		"Helm goes through a hook once for each time that the event is listed, so the hook runs twice in that phase; test-success counts as test.",
		"list each event once",
	},
	{
		"HH007", "CustomResourceDefinition as a hook", SeverityWarning,
		"Helm never deletes a hook that is a CustomResourceDefinition, whatever the delete policy; its second run fails in Helm 3 (already exists) and is applied over the first in Helm 4.",
		"move the CustomResourceDefinition to the chart's crds/ folder",
	},
	{
		"HH008", "annotation in the wrong place", SeverityWarning,
		"Helm reads hook annotations in metadata.annotations of the document only, not among labels, in a pod template, in spec, at top level, or on the items of a List; an error where server-side apply also refuses the field.",
		"move it to metadata.annotations of a document of its own",
	},
	{
		"HH009", "misspelt annotation", SeverityWarning,
		"An annotation that looks like one of Helm's hook annotations but is spelt otherwise has no effect; a note only where no such annotation comes near.",
		"spell it as Helm does",
	},
	{
		"HH010", "hook annotation without helm.sh/hook", SeverityWarning,
		"Weight, delete policy and output log policy have no effect on an object without helm.sh/hook, which Helm installs as an ordinary resource.",
		"add helm.sh/hook, or remove the annotation",
	},
	{
		"HH011", "output log policy without effect", SeverityWarning,
		"Helm ignores an output log policy that it does not know; a note only where the policy is sound but empty, on a kind without logs, or newer than this Helm.",
		"write hook-succeeded, hook-failed or both, separated by a comma",
	},
	{
		"HH012", "resource policy on a hook", SeverityInfo,
		"helm.sh/resource-policy: keep protects ordinary resources from uninstall; on a hook Helm ignores it, and the delete policies still apply.",
		"remove helm.sh/resource-policy",
	},
	{
		"HH013", "key in another case", SeverityError,
		"Helm reads keys such as Metadata and Annotations in any case, the API server only in their own, so Helm runs a hook that the server takes for something else; a warning where it still runs.",
		"write apiVersion, kind, metadata, name and annotations exactly so",
	},
	{
		"HH014", "key written twice", SeverityWarning,
		"Of two equal keys in one YAML mapping the later wins without a word; a second metadata or annotations block throws away the hook annotations of the first.",
		"merge the two blocks into one",
	},
	{
		"HH101", "already exists on the next run", SeverityError,
		"The hook's object is still there when the hook runs again, so creating it fails and with it the action; a warning where a TTL may have taken it away by then.",
		"add before-hook-creation to helm.sh/hook-delete-policy",
	},
	{
		"HH103", "left after uninstall", SeverityInfo,
		"Helm uninstall never deletes what hooks made; only delete policies do, and for Jobs a TTL.",
		"add hook-succeeded to helm.sh/hook-delete-policy, or clean up in a post-delete hook",
	},
	{
		"HH104", "silently not run again", SeverityError,
		"Server-side apply over a finished Job or Pod changes nothing, so Helm 4 reports success for a hook that did not run; a warning where a TTL may have taken it away by then.",
		"add before-hook-creation to helm.sh/hook-delete-policy",
	},
	{
		"HH105", "never completes", SeverityError,
		"Helm waits for a Job or Pod that cannot complete until the timeout is up, and then the action fails.",
		"let the Job or Pod come to an end",
	},
	{
		"HH106", "hook and resource are one object", SeverityError,
		"A hook and an ordinary resource with the same kind, namespace and name are one object in the cluster: the hook's policy deletes the live one, or the update deletes the hook's; a note where nothing needs it any more or the two never meet, a warning where the one is only applied over the other.",
		"give the hook a name of its own",
	},
	{
		"HH107", "not deleted by uninstall", SeverityWarning,
		"Uninstall leaves an ordinary resource behind that a hook of the same name replaced, since it no longer carries the release's ownership marks.",
		"give the hook a name of its own",
	},
	{
		"HH108", "action fails", SeverityError,
		"An action fails by itself, on a cluster where nothing else goes wrong; a warning where a TTL may have taken away by then what it fails on.",
		"see the error in the finding",
	},
	{
		"HH109", "runs on every upgrade", SeverityInfo,
		"Helm runs upgrade hooks on every upgrade, whether anything changed or not.",
		"make the hook safe to run again",
	},
	{
		"HH110", "name decides the order", SeverityInfo,
		"Among hooks of equal weight Helm goes by name; the kind, which orders ordinary resources, decides only between equal names.",
		"give the hooks different weights",
	},
	{
		"HH111", "name changes with each revision", SeverityWarning,
		"A hook whose object has another name in each revision is never found by the default before-hook-creation, so each run leaves one more object behind; a note where a TTL takes it away.",
		"give the hook a fixed name, or add hook-succeeded and hook-failed to its delete policy",
	},
	{
		"HH112", "a failure strands the release", SeverityInfo,
		"A failing rollback hook leaves the release pending-rollback, a failing pre-delete hook leaves it uninstalling with everything still there; in both Helm refuses the next upgrade. Under Flux only a pre-delete hook does so, in the uninstall that undoes a failed install or upgrade.",
		"make the hook hard to fail, and know the way out that the finding gives",
	},
	{
		"HH113", "never runs", SeverityWarning,
		"An install runs the install hooks of what it renders, an upgrade the upgrade hooks; a hook that its template gives only to the other one never runs.",
		"give the hook an event of the action that renders it",
	},
	{
		"HH114", "a failed run blocks the next", SeverityWarning,
		"With hook-succeeded alone the Job or Pod goes after a success and stays after a failure, and without before-hook-creation each later run fails on it until someone deletes it by hand.",
		"add before-hook-creation to helm.sh/hook-delete-policy",
	},
	{
		"HH201", "needs what is not there yet", SeverityError,
		"Helm waits for each hook before it goes on, so a hook cannot complete that needs a ServiceAccount, ConfigMap, Secret, claim, class or namespace which the chart makes later or has deleted; a warning for a missing pull secret.",
		"make it an earlier hook, or run the hook later",
	},
	{
		"HH202", "runs before it has its rights", SeverityWarning,
		"The hook's ServiceAccount exists when it runs, but none of the chart's bindings that give it rights does; a note only where ordinary workloads use the account too.",
		"make the binding and its role hooks that come first",
	},
	{
		"HH203", "kind is defined too late", SeverityError,
		"Helm looks up the kinds of all ordinary objects before it runs a hook or makes a resource, and a hook's when its turn comes; one whose CustomResourceDefinition the chart makes later makes the action fail.",
		"move the CustomResourceDefinition to the chart's crds/ folder",
	},
	{
		"HH204", "workload waits for a later hook", SeverityWarning,
		"Pods of an ordinary workload need what only a later hook makes: with --wait, under Flux and under Argo CD, each waits for the other and the action fails; an error where the options wait, or where the object is deleted or never made.",
		"make it an ordinary resource or a pre-install hook",
	},
	{
		"HH205", "made by install only", SeverityInfo,
		"What is a hook of install events alone and used by ordinary workloads stays as the first install made it: no upgrade changes it and uninstall leaves it.",
		"make it an ordinary resource, unless it must stay as it is",
	},
	{
		"HH206", "cannot run after a failed install", SeverityWarning,
		"A pre-delete hook needs what an install that failed in pre-install never made, so that uninstall, the way out of the failed install and the undo of an atomic one, cannot complete either.",
		"make what a pre-delete hook needs a pre-delete hook too, with a lower weight",
	},
	{
		"HH301", "long-lived object as a hook", SeverityWarning,
		"Helm neither upgrades, rolls back nor uninstalls what hooks make; before-hook-creation deletes and makes it anew on every run. An error for a namespace or a claim that every upgrade deletes, a note for one that none does.",
		"remove helm.sh/hook",
	},
	{
		"HH302", "Job vanishes too soon", SeverityWarning,
		"A TTL of less than 30 seconds takes a failed Job and its logs away before anyone can read them, and can end inside a broken watch: Helm 3 then takes the Job for a success, Helm 4 waits until the timeout.",
		"leave it to helm.sh/hook-delete-policy to delete the Job",
	},
	{
		"HH303", "Argo CD's annotations disagree", SeverityWarning,
		"Beside Helm's annotations stand Argo CD's with another meaning: Argo CD goes by its own hook and wave where it knows the value, and by the delete policies of both; a note where the difference may be meant.",
		"say the same in both, or leave Argo CD's out",
	},
	{
		"HH401", "Argo CD never makes it", SeverityWarning,
		"Argo CD takes pre- and post-install, -upgrade and -delete for its own phases, in lower case only; a hook with none of them is neither created nor run, without a word. Harmless for tests, which nothing in Argo CD would run.",
		"give it an event that Argo CD knows, or argocd.argoproj.io/hook beside Helm's annotation",
	},
	{
		"HH402", "applied before its time", SeverityError,
		"Where helm template renders and something else applies, there are no events: hooks of uninstall, rollback and tests are applied at once with everything else; a warning for those of rollback and tests.",
		"leave hooks and tests out where the chart is rendered, or make the object depend on a value",
	},
	{
		"HH403", "runs in every sync", SeverityInfo,
		"Argo CD knows no difference between an install and an upgrade: what is meant for the one runs in every sync, the first one too; a warning for a pre-upgrade hook, which then runs before anything exists.",
		"make the hook safe to run at any time, or leave it out under Argo CD with argocd.argoproj.io/hook: Skip",
	},
	{
		"HH404", "needs what comes later", SeverityError,
		"Argo CD waits until a phase and wave is done before it makes the next, so that what needs an object of a later one never comes to its end and the first sync hangs; a PostDelete hook runs when everything else is deleted.",
		"make what is needed a hook that comes first, or run the hook later",
	},
	{
		"HH405", "finished run counts again", SeverityError,
		"Argo CD applies a hook over the finished Job or Pod of the last run where no before-hook-creation deletes it, finds it complete and goes on; a delete hook that a sync has left counts as done as well. A warning where a TTL may have taken it away by then.",
		"add before-hook-creation to helm.sh/hook-delete-policy, or make two hooks of it",
	},
	{
		"HH406", "waits for an unused claim", SeverityWarning,
		"Argo CD waits until a PersistentVolumeClaim is bound before it goes on to the next phase or wave, but most storage classes bind a claim only when a pod uses it.",
		"put the claim into the phase and wave of what uses it",
	},
	{
		"HH407", "hooks run together", SeverityInfo,
		"Argo CD runs hooks of one wave at the same time, where Helm goes by name; delete hooks have no order at all, so that a warning stands where their weights differ.",
		"give hooks that need each other different weights, or make one hook of them",
	},
	{
		"HH408", "weight makes a wave", SeverityInfo,
		"Argo CD reads helm.sh/hook-weight of ordinary objects as their wave, where Helm passes over it: the object waits for others, or others for it.",
		"remove the annotation, or write argocd.argoproj.io/sync-wave if it is meant",
	},
	{
		"HH409", "printing logs crashes Flux", SeverityError,
		"helm-controller 1.6.3 crashes when a hook's output log policy asks for logs; the release stays pending until the controller is up again, and then starts anew.",
		"remove helm.sh/hook-output-log-policy where Flux installs the chart",
	},
	{
		"HH410", "Flux must be asked", SeverityInfo,
		"Flux runs tests only with spec.test.enable, and rolls back only to undo a failed upgrade with spec.upgrade.remediation, so that a hook of these events alone does not run by default.",
		"set the field in the HelmRelease if the hook is to run",
	},
}

// Rules lists all rules in the order of their IDs.
func Rules() []Rule { return slices.Clone(ruleTable[:]) }

// LookupRule finds a rule by its ID.
func LookupRule(id string) (Rule, bool) {
	for _, rule := range ruleTable {
		if rule.ID == id {
			return rule, true
		}
	}
	return Rule{}, false
}
