import type { Problem, ProblemModel } from './problem'
import { Scanner } from './scan'

/** Machine numbers and costs fit in 32 bits. */
const most32 = 2 ** 31 - 1

/**
 * Reads a model (the format of the challenge: whole numbers with space between them). Throws with the line and the field
 * where the text is not one. `name`: of the text, for errors.
 */
export function readModel(bytes: Uint8Array, name: string): ProblemModel {
  const text = new Scanner(bytes, name)
  const resources = text.count('number of resources')
  const transient = new Uint8Array(resources)
  const loadWeight = new Float64Array(resources)
  for (let r = 0; r < resources; r++) {
    text.subject = `resource ${r}`
    transient[r] = text.next('transient mark', -1, 0, 1)
    loadWeight[r] = text.next('load weight')
  }
  text.subject = ''
  const machines = text.count('number of machines', (machines) => machines * (machines + 2 * resources))
  const capacity = new Float64Array(machines * resources)
  const safety = new Float64Array(machines * resources)
  const neighbourhood = new Int32Array(machines)
  const location = new Int32Array(machines)
  let machineMoveCost: ProblemModel['machineMoveCost'] = new Uint8Array(machines * machines)
  let widest = 255
  for (let m = 0; m < machines; m++) {
    text.subject = `machine ${m}`
    neighbourhood[m] = text.next('neighbourhood', -1, 0, most32)
    location[m] = text.next('location', -1, 0, most32)
    for (let r = 0; r < resources; r++) capacity[m * resources + r] = text.next('capacity of resource', r)
    for (let r = 0; r < resources; r++)
      safety[m * resources + r] = text.next('safety capacity of resource', r)
    for (let to = 0; to < machines; to++) {
      const cost = text.next('cost of a move to machine', to, 0, most32)
      if (cost > widest) {
        machineMoveCost = cost < 65_536 ? Uint16Array.from(machineMoveCost) : Int32Array.from(machineMoveCost)
        widest = cost < 65_536 ? 65_535 : most32
      }
      machineMoveCost[m * machines + to] = cost
    }
  }

  text.subject = ''
  const services = text.count('number of services')
  const spreadMin = new Int32Array(services)
  const dependencies: [number, number][] = []
  for (let s = 0; s < services; s++) {
    text.subject = `service ${s}`
    spreadMin[s] = text.next('least number of locations', -1, 0, most32)
    const count = text.next('number of dependencies', -1, 0, services)
    for (let d = 0; d < count; d++) {
      const on = text.next('dependency', d, 0, services - 1)
      if (on !== s) dependencies.push([s, on])
    }
  }
  text.subject = ''
  const processes = text.count('number of processes', (processes) => processes * (resources + 2))
  const service = new Int32Array(processes)
  const need = new Float64Array(processes * resources)
  const moveCost = new Float64Array(processes)
  for (let p = 0; p < processes; p++) {
    text.subject = `process ${p}`
    service[p] = text.next('service', -1, 0, services - 1)
    for (let r = 0; r < resources; r++) need[p * resources + r] = text.next('need of resource', r)
    moveCost[p] = text.next('move cost')
  }
  text.subject = ''
  const balances = text.count('number of balances', (balances) => 4 * balances, 0)
  const balanceFirst = new Int32Array(balances)
  const balanceSecond = new Int32Array(balances)
  const balanceTarget = new Float64Array(balances)
  const balanceWeight = new Float64Array(balances)
  for (let b = 0; b < balances; b++) {
    text.subject = `balance ${b}`
    balanceFirst[b] = text.next('first resource', -1, 0, resources - 1)
    balanceSecond[b] = text.next('second resource', -1, 0, resources - 1)
    balanceTarget[b] = text.next('target')
    balanceWeight[b] = text.next('weight')
  }
  text.subject = 'a move'
  const processMoveWeight = text.next('process weight')
  const serviceMoveWeight = text.next('service weight')
  const machineMoveWeight = text.next('machine weight')
  text.end()

  const places = [numbered(neighbourhood), numbered(location)] as const
  const [dependsFrom, dependsOn] = grouped(services, dependencies)
  const [neededFrom, neededBy] = grouped(
    services,
    dependencies.map(([s, on]) => [on, s]),
  )
  const [membersFrom, members] = grouped(
    services,
    Array.from(service, (s, p): [number, number] => [s, p]),
  )
  return {
    resources,
    machines,
    services,
    processes,
    transient,
    loadWeight,
    capacity,
    safety,
    neighbourhood,
    neighbourhoods: places[0],
    location,
    locations: places[1],
    machineMoveCost,
    spreadMin,
    dependsFrom,
    dependsOn,
    neededFrom,
    neededBy,
    service,
    need,
    moveCost,
    membersFrom,
    members,
    balances,
    balanceFirst,
    balanceSecond,
    balanceTarget,
    balanceWeight,
    processMoveWeight,
    serviceMoveWeight,
    machineMoveWeight,
  }
}

/** Reads the assignment that belongs to a model: for every process its machine. */
export function readAssignment(bytes: Uint8Array, name: string, model: ProblemModel): Problem {
  const text = new Scanner(bytes, name)
  const initial = new Int32Array(model.processes)
  for (let p = 0; p < model.processes; p++)
    initial[p] = text.next('machine of process', p, 0, model.machines - 1)
  text.end()
  return { ...model, initial }
}

/** Renumbers in place from 0 without gaps, in order of first appearance; returns how many there are. */
function numbered(of: Int32Array): number {
  const numbers = new Map<number, number>()
  for (const [i, value] of of.entries()) {
    const number = numbers.get(value) ?? numbers.size
    numbers.set(value, number)
    of[i] = number
  }
  return numbers.size
}

/** Values by their key: those of key k are `values[from[k]..from[k + 1]]`, in the order given, each once. */
function grouped(keys: number, pairs: readonly [key: number, value: number][]): [Int32Array, Int32Array] {
  const groups = Array.from({ length: keys }, () => new Set<number>())
  for (const [key, value] of pairs) groups[key]!.add(value)
  const from = new Int32Array(keys + 1)
  for (let k = 0; k < keys; k++) from[k + 1] = from[k]! + groups[k]!.size
  const values = new Int32Array(from[keys]!)
  for (let k = 0; k < keys; k++) values.set([...groups[k]!], from[k])
  return [from, values]
}
