import { readFileSync } from 'node:fs'
import { type Problem, readAssignment, readModel, violationsOfAssignment } from '@drover/planner/reassign'
import { CliError, exitCodes } from '../../exit'

/** The problem in two files. Throws with the file, line and field that are wrong. */
export function readProblem(model: string, assignment: string): Problem {
  const problem = readAssignment(contents(assignment), assignment, readModel(contents(model), model))
  const [broken] = violationsOfAssignment(problem, problem.initial)
  if (broken)
    throw new CliError(exitCodes.usage, `${assignment} breaks a constraint before anything moves: ${broken}.`)
  return problem
}

function contents(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new CliError(exitCodes.usage, `${path} cannot be read: ${(error as Error).message}.`)
  }
}
