package main

import (
	"fmt"
	"slices"
	"strings"
)

// notices is the text of THIRD_PARTY_NOTICES.txt: every module, then every licence and notice once.
func notices(version string, inside inventory) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Third-party software in %s %s for %s\n\n", name, version, inside.platform)
	b.WriteString("The binary contains these Go modules, unchanged. A module's path is where its source code is published, its version\n" +
		"the tag there. The licences and notices follow.\n\n")
	where := map[string][]string{}
	var order []string
	for _, m := range inside.modules {
		fmt.Fprintf(&b, "  %-60s %s\n", m.title(), strings.Join(m.licences, ", "))
		for _, t := range m.texts {
			if where[t.body] == nil {
				order = append(order, t.body)
			}
			where[t.body] = append(where[t.body], m.title()+"  "+t.file)
		}
	}
	for _, body := range order {
		b.WriteString("\n" + strings.Repeat("=", 100) + "\n")
		places := where[body]
		slices.Sort(places)
		for _, place := range places {
			b.WriteString(place + "\n")
		}
		b.WriteString(strings.Repeat("-", 100) + "\n" + body + "\n")
	}
	return b.String()
}

func (m module) title() string {
	if m.path == standardLibrary {
		return "Go standard library " + m.version
	}
	return m.path + " " + m.version
}
