import type { components } from './schema'

type Schemas = components['schemas']

export type EndpointSummary = Schemas['EndpointSummary']
export type LiveEndpoint = Schemas['LiveEndpoint']
export type LiveResult = Schemas['LiveResult']
export type Incident = Schemas['IncidentView']
export type Problem = Schemas['Problem']
