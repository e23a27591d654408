package apiserver

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// keys are what the server proves itself with, and what its users prove themselves with.
type keys struct {
	// certificate is PEM, signed by itself.
	certificate         []byte
	certFile, keyFile   string
	adminToken          string
	keeperToken         string
	tokenFile, signFile string
}

func newKeys(dir string) (keys, error) {
	k := keys{
		certFile: filepath.Join(dir, "server.crt"), keyFile: filepath.Join(dir, "server.key"),
		tokenFile: filepath.Join(dir, "tokens.csv"), signFile: filepath.Join(dir, "service-accounts.key"),
		adminToken: newToken(), keeperToken: newToken(),
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return k, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "e2e"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, IsCA: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		return k, err
	}
	k.certificate = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	ec, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		return k, err
	}
	secret := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: ec})
	tokens := k.adminToken + "," + Admin + ",admin,system:masters\n" + k.keeperToken + "," + keeperName + ",keeper,system:masters\n"
	for name, data := range map[string][]byte{k.certFile: k.certificate, k.keyFile: secret, k.signFile: secret, k.tokenFile: []byte(tokens)} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			return k, err
		}
	}
	return k, nil
}

func newToken() string {
	random := make([]byte, 16)
	// crypto/rand.Read never fails (Go 1.24).
	_, _ = rand.Read(random)
	return hex.EncodeToString(random)
}
