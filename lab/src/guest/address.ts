/** The address of the guest with this network card (the rule is the guest's own: guest/network.c). */
export function guestAddress(mac: string): string {
  const bytes = mac.split(':').map((part) => Number.parseInt(part, 16))
  return `10.78.${bytes[4]}.${bytes[5]}`
}

/** A network card whose guest has the address 10.78.`third`.`fourth`. */
export function guestMac(third: number, fourth: number): string {
  const hex = (n: number) => n.toString(16).padStart(2, '0')
  return `52:54:00:78:${hex(third)}:${hex(fourth)}`
}
