package main

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// readKey takes a key as gpg exports it, armoured or not.
func readKey(path, passphrase string) (*packet.PrivateKey, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	read := openpgp.ReadKeyRing
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("-----BEGIN PGP")) {
		read = openpgp.ReadArmoredKeyRing
	}
	ring, err := read(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if len(ring) != 1 {
		return nil, fmt.Errorf("it has %d keys, want one", len(ring))
	}
	// The newest key that may sign: a subkey, where the primary key only certifies.
	signer, ok := ring[0].SigningKey(time.Now())
	if !ok || signer.PrivateKey == nil {
		return nil, errors.New("it is no private key that may sign: use gpg --export-secret-keys")
	}
	if signer.PrivateKey.Encrypted {
		if passphrase == "" {
			return nil, errors.New("it is locked: set SIGN_PASSPHRASE")
		}
		if err := signer.PrivateKey.Decrypt([]byte(passphrase)); err != nil {
			return nil, err
		}
	}
	return signer.PrivateKey, nil
}

// sign makes the FILE.prov that Helm 4 demands of an archive it installs, in the form of its `plugin package --sign`: the
// plugin's metadata, a line of three dots, and the sum under the very name of the archive, all in clear text (helm v4
// pkg/provenance/sign.go).
func sign(key *packet.PrivateKey, version string, a archive) ([]byte, error) {
	var b bytes.Buffer
	w, err := clearsign.Encode(&b, key, &packet.Config{DefaultHash: crypto.SHA512})
	if err != nil {
		return nil, err
	}
	_, err = fmt.Fprintf(w, "name: hooks\nversion: %s\n\n...\nfiles:\n  %s: sha256:%s\n", version, a.File, a.SHA256)
	if err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
