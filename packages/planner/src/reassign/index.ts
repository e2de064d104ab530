export { costOfAssignment, violationsOfAssignment } from './judge'
export { lowerBound, type Problem, type ProblemModel } from './problem'
export { readAssignment, readModel } from './read'
export { type Reassigned, type ReassignOptions, reassign, reassignInSteps } from './search'
