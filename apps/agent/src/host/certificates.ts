/** What libvirt needs to migrate by TLS, where it looks for it. */
export const tlsFiles = [
  '/etc/pki/CA/cacert.pem',
  '/etc/pki/libvirt/servercert.pem',
  '/etc/pki/libvirt/private/serverkey.pem',
  '/etc/pki/libvirt/clientcert.pem',
  '/etc/pki/libvirt/private/clientkey.pem',
]

/** What to do about certificates that are not there; null when they are. */
export function sayCertificates(missing: string[], configPath: string): string | null {
  if (missing.length === 0) return null
  return [
    `Live migration will fail until libvirt has certificates (missing: ${missing.join(', ')}).`,
    'Make them as https://libvirt.org/kbase/tlscerts.html says, or choose another transport at "migration" in',
    `${configPath}: "ssh" (root's key known on every host) or "tcp" (unencrypted: a network of its own).`,
  ].join('\n')
}
