import { randomBytes } from 'node:crypto'
import { type Algorithm, hash, verify } from '@node-rs/argon2'

// OWASP's first choice for argon2id: 19 MiB, two passes. Runs in a thread of its own.
const cost = { algorithm: 2 satisfies Algorithm.Argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** An argon2id hash with its salt and cost in it. */
export function hashPassword(password: string): Promise<string> {
  return hash(password, cost)
}

/** Whether `password` is the one that was hashed. */
export async function verifyPassword(input: { hash: string; password: string }): Promise<boolean> {
  return verify(input.hash, input.password).catch(() => false)
}

/** A password that a person can type: 20 characters without look-alikes, more than 100 bits. */
export function randomPassword(): string {
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789'
  const letters = [...randomBytes(20)].map((byte) => alphabet[byte % alphabet.length])
  return letters.join('').replace(/(.{5})(?=.)/g, '$1-')
}
