// Package argocd compares what pkg/plan says of Argo CD with gitops-engine, the part of Argo CD that syncs. The
// comparison needs its own build of it, in driver, a module of its own: go test -tags argocd ./test/argocd.
package argocd
