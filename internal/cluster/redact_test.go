package cluster

import (
	"strings"
	"testing"
)

func Test_secrets_are_taken_out(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		// Pairs.
		{"PASSWORD=hunter2", "PASSWORD=[redacted]"},
		{"export DB_PASSWORD='a b c' DB_USER=shop", "export DB_PASSWORD='[redacted]' DB_USER=shop"},
		{"PGPASS=x DB_PASS=y pass.word=1", "PGPASS=x DB_PASS=[redacted] pass.word=[redacted]"},
		{"connecting user=shop password=hunter2, retries=3", "connecting user=shop password=[redacted], retries=3"},
		{`level=info msg="using token=abc123"`, `level=info msg="using token=[redacted]"`},
		{`{"user":"shop","password":"hun\"ter2","port":5432}`, `{"user":"shop","password":"[redacted]","port":5432}`},
		{`{"apiKey" : "abc", "clientSecret":"def"}`, `{"apiKey" : "[redacted]", "clientSecret":"[redacted]"}`},
		{`{"pin_token":1234,"on":true}`, `{"pin_token":[redacted],"on":true}`},
		{`{"log":"{\"password\":\"hunter2\",\"a\":1}"}`, `{"log":"{\"password\":\"[redacted]\",\"a\":1}"}`},
		{`{"tokens": ["a", "b"], "n": 1}`, `{"tokens": [[redacted]], "n": 1}`},
		{`{"auths":{"ghcr.io":{"auth":"dXNlcjpwYXNz"}}}`, `{"auths":{"ghcr.io":{"auth":"[redacted]"}}}`},
		{`{"password":"cut off`, `{"password":"[redacted]`},
		{"map[password:hunter2 user:shop]", "map[password:[redacted] user:shop]"},
		{"{Password:hunter2 User:shop}", "{Password:[redacted] User:shop}"},
		{"password: hunter2", "password: [redacted]"},
		{"  client-secret: correct horse", "  client-secret: [redacted] horse"},
		{"Generated password: correcthorse", "Generated password: [redacted]"},
		{`:password => "hunter2"`, `:password => "[redacted]"`},
		{`token := "hunter2"`, `token := "[redacted]"`},
		{"access_key_id = AB12", "access_key_id = [redacted]"},
		{"AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "AWS_SECRET_ACCESS_KEY=[redacted]"},
		{"\x1b[36mpassword\x1b[0m=hunter2 \x1b[36muser\x1b[0m=shop", "\x1b[36mpassword\x1b[0m=[redacted] \x1b[36muser\x1b[0m=shop"},
		{"Server=db;User Id=sa;Password=x;Encrypt=no", "Server=db;User Id=sa;Password=[redacted]"},
		// Flags.
		{"--password=hunter2 --user=shop", "--password=[redacted] --user=shop"},
		{"mysql --password hunter2 -h db", "mysql --password [redacted] -h db"},
		{`["psql","--db-password","hunter2"]`, `["psql","--db-password","hunter2"]`},
		{"curl -s -u shop:hunter2 https://x", "curl -s -u shop:[redacted] https://x"},
		// HTTP.
		{"> Authorization: Bearer abc.def", "> Authorization: Bearer [redacted]"},
		{`curl -H 'Authorization: Basic c2hvcDpodW50ZXIy' https://x`, `curl -H 'Authorization: Basic [redacted]' https://x`},
		{`Authorization: Digest username="shop", response="abc"`, `Authorization: Digest [redacted]"shop", response="abc"`},
		{`"authorization":"custom abc def","x":1`, `"authorization":"[redacted]","x":1`},
		{"Set-Cookie: id=abc; Path=/", "Set-Cookie: [redacted]"},
		{"X-Api-Key: abc123def", "X-Api-Key: [redacted]"},
		{"sent bearer eyabcdef0123456789", "sent bearer [redacted]"},
		{"GET /x?user=shop&access_token=abc&y=1 HTTP/1.1", "GET /x?user=shop&access_token=[redacted]&y=1 HTTP/1.1"},
		{"https://s3/x?X-Amz-Signature=abc&y=1", "https://s3/x?X-Amz-Signature=[redacted]&y=1"},
		// URLs.
		{"dial postgres://shop:hunter2@db:5432/shop?sslmode=off", "dial postgres://shop:[redacted]@db:5432/shop?sslmode=off"},
		{"redis://:hunter2@cache:6379/0", "redis://:[redacted]@cache:6379/0"},
		{`parse "postgres://shop:hun/t@er2@db/x": invalid`, `parse "postgres://shop:[redacted]@db/x": invalid`},
		{"amqp://a:b@h1,amqp://c:d@h2", "amqp://a:[redacted]@h2"},
		{"http://h:80/,amqp://c:d@h2", "http://h:80/,amqp://c:[redacted]@h2"},
		{"clone https://abcdefghijklmnopqrstuvwx@git/x", "clone https://[redacted]@git/x"},
		// Known forms.
		{"got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln-_8 back", "got [redacted] back"},
		{"id AKIAIOSFODNN7EXAMPLE used", "id [redacted] used"},
		{"push with ghp_abcdefghijklmnopqrstuvwxyz0123456789", "push with [redacted]"},
		// SQL.
		{"CREATE USER shop WITH PASSWORD 'hunter2';", "CREATE USER shop WITH PASSWORD '[redacted]';"},
		{"ALTER USER shop IDENTIFIED BY 'hunter2'", "ALTER USER shop IDENTIFIED BY '[redacted]'"},
	} {
		if got := Redact(c.in); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.in, got, c.want)
		}
	}
}

func Test_prose_about_secrets_stays(t *testing.T) {
	for _, line := range []string{
		"password is required", "token expired", "secret/shop created", "secret shop not found", `secrets "shop" not found`,
		"failed to get token: connection refused", "invalid token: expired", "error reading secret: permission denied",
		"password: not found", "PASSWORD=", "password: null", `"token":null,`, "token=<nil>", "password=********",
		"secretName: shop-tls", "token_type: bearer", "--secret-name=shop", "password-file=/run/secrets/db", "max_tokens: 512", `"tokens":512`,
		"basic authentication is off", "bearer authentication-required here", "the --password flag is required", "--token is missing",
		"listening on http://0.0.0.0:8080/path?mail=a@b.example", "GET https://shop.example:8443/healthz 200", "mail ann@shop.example",
		"migrating keys: 3 done", "if token == nil", "Secret: Secret \"x\" not found", "compass: north", "author: ann", "keyboard=us",
		"-----BEGIN CERTIFICATE-----", "--- PASS: TestShop (0.00s)", "PASS: 12", `{"pass":12,"fail":0}`, "running as 1000:1000", "passed: 12, failed: 0", "2024-01-01T00:00:00Z INFO migration 0012_tokens applied",
	} {
		if got := Redact(line); got != line {
			t.Errorf("%s\n got %s", line, got)
		}
	}
}

func Test_private_keys_span_lines(t *testing.T) {
	body := strings.Repeat("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n", 3) + "Ab==\n"
	begin, end := "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"
	stamped := "12:00:00 " + strings.ReplaceAll(strings.TrimSuffix(body, "\n"), "\n", "\n12:00:00 ") + "\n"
	for _, c := range []struct{ name, in, want string }{
		{"whole", "key:\n" + begin + "\n" + body + end + "\ndone", "key:\n[redacted]\ndone"},
		{"with a time before each line", "12:00:00 " + begin + "\n" + stamped + "12:00:00 " + end + "\ndone", "12:00:00 [redacted]\ndone"},
		{"whose end was not read", "key:\n" + begin + "\n" + body + "it goes on here", "key:\n[redacted]\nit goes on here"},
		{"whose start was not read", body + end + "\ndone", "[redacted]\ndone"},
		{"in one line of JSON", `{"k":"` + begin + `\nMIIE\n` + end + `\n","x":1}`, `{"k":"[redacted]\n","x":1}`},
		{"two", begin + "\n" + body + end + "\n" + begin + "\n" + body + end, "[redacted]\n[redacted]"},
		{"only spoken of", "a file with " + begin + " is wanted\nplease give one", "a file with [redacted]\nplease give one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Redact(c.in); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func Test_what_was_redacted_is_counted(t *testing.T) {
	lines, count := redactLines([]string{"a=1", "password=x token=y", "-----BEGIN PRIVATE KEY-----", "MIIE", "-----END PRIVATE KEY-----", "b=2"})
	if count != 3 || strings.Join(lines, "|") != "a=1|password=[redacted] token=[redacted]|[redacted]|b=2" {
		t.Errorf("%d in %q", count, lines)
	}
}

// Every byte that comes out has gone in, or is part of a mark.
func FuzzRedact(f *testing.F) {
	for _, seed := range []string{
		"password=x", `{"token":"a\"b"}`, "postgres://a:b@c", "Authorization: Bearer x", "-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----",
		"a://:@b:c@", `\\\"secret\\\":\\\"x`, "secret: [x", "\x1b[1mtoken\x1b[0m: \xff", "[redacted]=[redacted]", "password=[redacted]", "--token\t'x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		before := strings.Split(text, "\n")
		lines, count := redactLines(strings.Split(text, "\n"))
		out := strings.Join(lines, "\n")
		if len(out) > len(text)+count*len(mark) || len(lines) > len(before) {
			t.Errorf("%q became %q with %d marks", text, out, count)
		}
		if count == 0 && out != text {
			t.Errorf("%q became %q without a mark", text, out)
		}
		// What is left, in its order, is what was there without the marks.
		if rest := strings.ReplaceAll(out, mark, ""); !isSubsequence(rest, text) {
			t.Errorf("%q became %q", text, out)
		}
	})
}

func isSubsequence(part, whole string) bool {
	for i := range len(whole) {
		if part != "" && part[0] == whole[i] {
			part = part[1:]
		}
	}
	return part == ""
}
