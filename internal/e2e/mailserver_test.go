//go:build mail

package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"text/template"
	"time"

	"landfall/internal/queue/redistest"
)

// Names and credentials of the mail servers of a test.
const (
	mailName     = "mail.acme.test" // in the certificate of Postfix, and nowhere in DNS
	mailUser     = "shop@customers.test"
	mailPassword = "correct horse"
)

// mailServers are a Postfix and a Dovecot of a test's own: on free ports of 127.0.0.1, with everything they write in one folder,
// started in the foreground and ended by their own process ids. Mails to customers.test and to box.test are put into Dovecot's
// mailboxes; mails to elsewhere.test are taken and then found to be for nobody.
type mailServers struct {
	t   *testing.T
	Dir string
	// Ports: Submission asks for STARTTLS and a login, Plain for neither; LMTP, SASL and Quota are how Postfix reaches Dovecot.
	Submission, Plain, IMAPS, LMTP, SASL, Quota, Policy, Listener string
	MailUID, MailGID                                              string
}

// startMail starts both servers and what they ask.
func startMail(t *testing.T) *mailServers {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatal("Postfix changes users as it works, so this needs root")
	}
	dir, err := os.MkdirTemp("", "mail")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	m := &mailServers{t: t, Dir: dir}
	for _, port := range []*string{&m.Submission, &m.Plain, &m.IMAPS, &m.LMTP, &m.SASL, &m.Quota, &m.Listener} {
		if *port, err = redistest.FreePort(); err != nil {
			t.Fatal(err)
		}
	}
	m.Policy = greylist(t)
	m.folders()
	m.certificates()
	m.write("dovecot/dovecot.conf", dovecotConf)
	m.write("dovecot/users", dovecotUsers)
	m.write("postfix/main.cf", mainCF)
	m.write("postfix/master.cf", masterCF)
	for name, text := range postfixMaps() {
		m.write("postfix/"+name, text)
	}
	m.run("dovecot", "-F", "-c", m.path("dovecot/dovecot.conf"))
	m.ask("postfix", "-c", m.path("postfix"), "check") // makes the folders of the queue
	m.run(strings.TrimSpace(m.ask("postconf", "-c", m.path("postfix"), "-h", "daemon_directory"))+"/master", "-c", m.path("postfix"), "-s")
	for _, port := range []string{m.IMAPS, m.LMTP, m.SASL, m.Submission, m.Plain} {
		m.wait("a server on port "+port, func() bool {
			link, err := net.Dial("tcp", "127.0.0.1:"+port)
			if err == nil {
				_ = link.Close()
			}
			return err == nil
		})
	}
	return m
}

func (m *mailServers) path(name string) string { return filepath.Join(m.Dir, name) }

// folders makes the folders, each for who works in it.
func (m *mailServers) folders() {
	m.t.Helper()
	for folder, owner := range map[string]string{"": "root", "postfix": "root", "queue": "root", "data": "postfix", "log": "root", "dovecot": "root", "mail": "dovenull"} {
		who, err := user.Lookup(owner)
		if err != nil {
			m.t.Fatalf("the user %s is missing; install Postfix and Dovecot: apt-get install postfix dovecot-imapd dovecot-lmtpd", owner)
		}
		if folder == "mail" {
			m.MailUID, m.MailGID = who.Uid, who.Gid
		}
		m.must(os.MkdirAll(m.path(folder), 0o755))
		m.must(os.Chmod(m.path(folder), 0o755))
		var uid, gid int
		_, err = fmt.Sscan(who.Uid+" "+who.Gid, &uid, &gid)
		m.must(err)
		m.must(os.Chown(m.path(folder), uid, gid))
	}
}

func (m *mailServers) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

// write fills a configuration in and stores it.
func (m *mailServers) write(name, text string) {
	m.t.Helper()
	var out strings.Builder
	m.must(template.Must(template.New(name).Parse(text)).Execute(&out, m))
	m.must(os.WriteFile(m.path(name), []byte(out.String()), 0o644))
}

// ask runs a program to its end and returns what it says.
func (m *mailServers) ask(name string, args ...string) string {
	m.t.Helper()
	said, err := exec.Command(name, args...).Output()
	if err != nil {
		m.t.Fatalf("%s: %v\n%s", name, err, m.said())
	}
	return string(said)
}

// run starts a server and ends it with the test: both end what they started. Postfix makes a process group of its own, which it cannot
// where it leads one already.
func (m *mailServers) run(program string, args ...string) {
	m.t.Helper()
	said, err := os.Create(m.path("log/" + filepath.Base(program)))
	m.must(err)
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = said, said
	m.must(cmd.Start())
	m.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		_ = said.Close()
	})
}

// wait waits until something is so.
func (m *mailServers) wait(what string, so func() bool) {
	m.t.Helper()
	deadline := time.NewTimer(30 * time.Second)
	defer deadline.Stop()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for !so() {
		select {
		case <-deadline.C:
			m.t.Fatalf("waited in vain for %s; the servers said:\n%s", what, m.said())
		case <-look.C:
		}
	}
}

// said is what the servers logged.
func (m *mailServers) said() string {
	var out strings.Builder
	for _, name := range []string{"log/master", "log/mail.log", "log/dovecot", "log/dovecot.log"} {
		text, _ := os.ReadFile(m.path(name))
		fmt.Fprintf(&out, "%s:\n%s\n", name, text)
	}
	return out.String()
}

// mails are those in somebody's mailbox, the oldest first.
func (m *mailServers) mails(to string) []string {
	m.t.Helper()
	var out []string
	for _, part := range []string{"cur", "new"} {
		files, err := filepath.Glob(m.path("mail/" + to + "/" + part + "/*"))
		m.must(err)
		for _, file := range files {
			if raw, err := os.ReadFile(file); err == nil { // it may have moved on
				out = append(out, string(raw))
			}
		}
	}
	return out
}

// arrival waits for n mails in somebody's mailbox.
func (m *mailServers) arrival(to string, n int) []string {
	m.t.Helper()
	m.wait(fmt.Sprintf("%d mails for %s", n, to), func() bool { return len(m.mails(to)) >= n })
	return m.mails(to)
}

// certificates makes an authority, and one certificate each for Postfix, by its name, and Dovecot, by its address.
func (m *mailServers) certificates() {
	m.t.Helper()
	authority := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	m.must(err)
	m.certificate("ca", authority, authority, key, key)
	m.certificate("postfix", leaf(2, []string{mailName}, nil), authority, m.key("postfix"), key)
	m.certificate("dovecot", leaf(3, nil, []net.IP{net.IPv4(127, 0, 0, 1)}), authority, m.key("dovecot"), key)
}

func leaf(serial int64, names []string, addresses []net.IP) *x509.Certificate {
	return &x509.Certificate{SerialNumber: big.NewInt(serial), DNSNames: names, IPAddresses: addresses, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
}

func (m *mailServers) key(name string) *ecdsa.PrivateKey {
	m.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	m.must(err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	m.must(err)
	m.must(os.WriteFile(m.path(name+".key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600))
	return key
}

func (m *mailServers) certificate(name string, c, authority *x509.Certificate, key, signer *ecdsa.PrivateKey) {
	m.t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, c, authority, &key.PublicKey, signer)
	m.must(err)
	m.must(os.WriteFile(m.path(name+".pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644))
}
