import { type Problem, readAssignment, readModel, violationsOfAssignment } from '@drover/planner/reassign'
import { CliError, exitCodes } from '../../exit'
import { contentsOf } from '../../output/read'

/** The problem in two files. Throws with the file, line and field that are wrong. */
export function readProblem(model: string, assignment: string): Problem {
  const problem = readAssignment(contentsOf(assignment), assignment, readModel(contentsOf(model), model))
  const [broken] = violationsOfAssignment(problem, problem.initial)
  if (broken)
    throw new CliError(
      exitCodes.usage,
      `${assignment} breaks a constraint before anything moves: ${broken}. Correct it, or the model.`,
    )
  return problem
}
