package apiserver

import (
	"os"
	"strings"
	"testing"
)

func TestVersionIsThatOfTheModule(t *testing.T) {
	text, err := os.ReadFile("../../kube/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "\tk8s.io/kubernetes v"+Version) {
		t.Errorf("test/kube/go.mod does not require k8s.io/kubernetes v%s", Version)
	}
}
