// Package plan foretells what Helm will do with the hooks of a chart. It is Helm's hook machinery, run
// over an imagined cluster and release history: values in, values out, without files, network, clock or
// environment. It never panics on input, and all of it may be used from several goroutines at once.
//
// [Make] answers a whole question: an [Input] (an [Engine], a [Release], a [Render], [Options]) gives a
// [Plan] with one [Timeline] an [Action], what Helm drops ([Ignored]), what a run of the machine showed
// ([Finding]) and what cannot be known ([UnknownFact]).
//
// [Compare] says what changes for hooks from one Plan to another, [CompareEngines] what becomes of each hook under
// several engines.
//
// Below it, [Run] plays one [Command] over a [State] and gives a [Trace] of operations with its
// [Outcome], and the next State; [Classify] sorts documents into an [Inventory] as Helm's SortManifests
// does. [ParseEngine] names the rules of a Helm version, [Rules] lists what findings can say.
//
// The tests in test/oracle drive Helm's own actions over the same input and demand the same operations
// in the same order, the same records and the same objects left behind.
package plan
