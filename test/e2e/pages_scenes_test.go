//go:build e2e

package e2e

import "github.com/helm-hooks/helm-hooks/test/e2e/apiserver"

// pageScene is what a page takes for granted.
type pageScene struct {
	// later is how much later than now our program runs: nobody reads a page seconds after it has happened.
	later string
	// set makes the releases.
	set func(*stage)
	// before is what happens before a command.
	before map[string]func(*stage)
}

// pageScenes are those of the pages that need more than commonScene.
func pageScenes() map[string]pageScene {
	return map[string]pageScene{
		"docs/list.md": {later: "40m", set: listScene},
		"docs/recipes/already-exists.md": {set: func(s *stage) {
			s.run(0, "helm install cart ./chart")
		}},
		"docs/recipes/move-to-helm-4.md": {set: func(s *stage) {
			s.run(0, "helm-helm3 install cart ./chart")
		}},
		"docs/recipes/hook-did-not-run.md": {later: "40m", set: func(s *stage) {
			s.run(0, "helm install cart ./chart")
			s.run(0, "helm upgrade cart ./chart")
		}},
		"docs/recipes/what-will-uninstall-leave.md": {later: "40m", set: func(s *stage) {
			s.run(0, "helm install cart ./chart")
		}},
		"docs/recipes/stuck.md": {later: "40m", set: stuckScene},
	}
}

// stuckScene has an upgrade and an install whose Helm was killed, and a rollback that failed in a hook.
func stuckScene(s *stage) {
	s.t.Helper()
	s.run(0, "helm install orders ./chart")
	s.killed("orders-migrate", "upgrade", "orders", "./chart")
	s.killed("cart-migrate", "install", "cart", "./chart")
	s.run(0, "helm install search ./chart")
	s.run(0, "helm upgrade search ./chart")
	s.fate("search-flush", apiserver.Fail)
	s.run(1, "helm rollback search 1")
}

// listScene has a bit of everything.
func listScene(s *stage) {
	s.t.Helper()
	s.run(0, "helm install cart ./chart")
	s.run(0, "helm upgrade cart ./chart")
	s.killed("orders-migrate", "install", "orders", "./chart")
	s.run(0, "helm install shop ./chart")
	s.fate("shop-migrate", apiserver.Fail)
	s.run(1, "helm upgrade shop ./chart")
	s.fate("shop-migrate", apiserver.Succeed)
	s.run(0, "helm install plain ./plain")
}

// commonScene has two releases with a few revisions.
func commonScene(s *stage) {
	s.t.Helper()
	for _, command := range []string{
		"helm install myrelease ./mychart", "helm upgrade myrelease ./mychart", "helm upgrade myrelease ./mychart",
		"helm rollback myrelease 1", "helm upgrade myrelease ./mychart",
		"helm install shop ./charts/shop", "helm upgrade shop ./charts/shop --no-hooks", "helm upgrade shop ./charts/shop --no-hooks",
	} {
		s.run(0, command)
	}
}
