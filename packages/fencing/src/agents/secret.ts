/** Whether a parameter of this name is for nobody's eyes: passwords, keys and the programs that print them. */
export function isSecret(name: string): boolean {
  if (/_(file|path)$/.test(name)) return false
  return /passw|passphrase|secret|token|api_?key|access_?key|key_?data|hexadecimal_kg|community|_script$/.test(
    name,
  )
}

/** The text without any of the secrets among the parameters. */
export function withoutSecrets(text: string, params: Record<string, string>): string {
  const secrets = Object.entries(params)
    .filter(([name, value]) => isSecret(name) && value !== '')
    .map(([, value]) => value)
    // A secret that holds another one goes first, or a part of it would stay.
    .sort((a, b) => b.length - a.length)
  return secrets.reduce((masked, secret) => masked.replaceAll(secret, '•••'), text)
}
