export * as api from './api.ts'
export type {
  AccountList, AuditList, Board, Checked, DeadLetterList, Fault, Finding, Graph, JourneyDetail, JourneyList, MessageDetail, MessageItem, MessageList, PathwayList, PathwayVersion,
  PeopleList, Published, RoleList, Session, TokenList, TokenMade, WhyAnswer, WorkDetail, WorkItem, WorkList,
} from './api.ts'
