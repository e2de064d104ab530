/** Auditors read; operators act on VMs and hosts; admins define clusters, hosts, rules and users. */
export type Role = 'auditor' | 'operator' | 'admin'

const rank: Record<Role, number> = { auditor: 0, operator: 1, admin: 2 }

/** Whether `role` may do what needs `needed`. */
export function roleAllows(role: Role, needed: Role): boolean {
  return rank[role] >= rank[needed]
}

export interface User {
  id: string
  name: string
  role: Role
}
