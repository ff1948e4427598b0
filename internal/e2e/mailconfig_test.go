//go:build mail

package e2e

// mainCF is Postfix's configuration. It asks no DNS, and leaves the machine's own alone.
const mainCF = `compatibility_level = 3.6
queue_directory = {{.Dir}}/queue
data_directory = {{.Dir}}/data
maillog_file = {{.Dir}}/log/mail.log
maillog_file_prefixes = {{.Dir}}
myhostname = mail.acme.test
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
recipient_delimiter = +
virtual_alias_domains = acme.example
virtual_alias_maps = texthash:{{.Dir}}/postfix/aliases
virtual_mailbox_domains = customers.test, box.test
virtual_mailbox_maps = texthash:{{.Dir}}/postfix/mailboxes
virtual_transport = lmtp:inet:127.0.0.1:{{.LMTP}}
relay_domains = elsewhere.test, listener.test
transport_maps = texthash:{{.Dir}}/postfix/transport
smtpd_tls_cert_file = {{.Dir}}/postfix.pem
smtpd_tls_key_file = {{.Dir}}/postfix.key
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{{.SASL}}
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject
smtpd_recipient_restrictions = reject_unlisted_recipient, check_policy_service inet:{{.Policy}}, check_policy_service inet:127.0.0.1:{{.Quota}}
smtpd_error_sleep_time = 0
`

// masterCF are its processes; none of them is shut in, since there is nothing to be shut in to.
const masterCF = `127.0.0.1:{{.Plain}} inet n - n - - smtpd
127.0.0.1:{{.Submission}} inet n - n - - smtpd
  -o mynetworks= -o smtpd_tls_security_level=encrypt -o smtpd_tls_auth_only=yes -o smtpd_sasl_auth_enable=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
showq unix n - n - - showq
postlog unix-dgram n - n - 1 postlogd
`

// postfixMaps are its tables. What comes back to acme.example goes to the listener and into the mailbox.
func postfixMaps() map[string]string {
	return map[string]string{
		"aliases":   "bounce@acme.example bounce@listener.test, bounce@box.test\n",
		"mailboxes": "mei@customers.test x\neva@customers.test x\nslow@customers.test x\nfull@customers.test x\nbounce@box.test x\n",
		"transport": "listener.test smtp:[127.0.0.1]:{{.Listener}}\nelsewhere.test lmtp:inet:127.0.0.1:{{.LMTP}}\n",
	}
}

const dovecotConf = `base_dir = {{.Dir}}/dovecot/run
state_dir = {{.Dir}}/dovecot/state
log_path = {{.Dir}}/log/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = required
ssl_cert = <{{.Dir}}/dovecot.pem
ssl_key = <{{.Dir}}/dovecot.key
disable_plaintext_auth = yes
auth_mechanisms = plain login scram-sha-256
auth_failure_delay = 0
recipient_delimiter = +
first_valid_uid = 1
mail_location = maildir:{{.Dir}}/mail/%u
mail_plugins = quota
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {{.Dir}}/dovecot/users
}
userdb {
  driver = passwd-file
  args = username_format=%u {{.Dir}}/dovecot/users
  override_fields = uid={{.MailUID}} gid={{.MailGID}} home={{.Dir}}/mail/%u
}
plugin {
  quota = count:all
  quota_vsizes = yes
  quota_status_success = DUNNO
  quota_status_nouser = DUNNO
  quota_status_overquota = "552 5.2.2 mailbox is full"
}
service imap-login {
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = {{.IMAPS}}
    ssl = yes
  }
}
service lmtp {
  inet_listener lmtp {
    port = {{.LMTP}}
  }
}
service auth {
  inet_listener {
    port = {{.SASL}}
  }
}
service quota-status {
  executable = quota-status -p postfix
  inet_listener {
    port = {{.Quota}}
  }
  client_limit = 1
}
`

// dovecotUsers are the mailboxes; full has room for one mail.
const dovecotUsers = `shop@customers.test:{PLAIN}correct horse::::::
mei@customers.test:{PLAIN}correct horse::::::
eva@customers.test:{PLAIN}correct horse::::::
slow@customers.test:{PLAIN}correct horse::::::
full@customers.test:{PLAIN}correct horse::::::userdb_quota_rule=*:messages=1
bounce@box.test:{PLAIN}correct horse::::::
`
