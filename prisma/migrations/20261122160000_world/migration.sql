-- Written by Prisma from the schema, then by hand where a comment says so.

-- By hand: Prisma would drop the column and lose who leads.
ALTER TABLE "leadership" RENAME COLUMN "holder_id" TO "holder";
ALTER TABLE "leadership"
ADD COLUMN     "expires_at" TIMESTAMPTZ(3),
ALTER COLUMN "term" SET DEFAULT 0,
ALTER COLUMN "holder" DROP NOT NULL,
ALTER COLUMN "taken_at" DROP NOT NULL;

-- CreateTable
CREATE TABLE "ledger" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "term" BIGINT NOT NULL DEFAULT 0,
    "daemon" TEXT,
    "batch" BIGINT NOT NULL DEFAULT 0,
    "seq" BIGINT NOT NULL DEFAULT 0,
    "hash" TEXT NOT NULL,
    "next_ids" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "ledger_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event" (
    "seq" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "kind" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "initiator_kind" TEXT NOT NULL,
    "initiator_id" TEXT,
    "initiator_name" TEXT NOT NULL,
    "task_id" TEXT,
    "subjects" TEXT[],
    "text" TEXT NOT NULL,
    "body" JSONB NOT NULL,
    "rows" JSONB NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "event_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "datacenter" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "datacenter_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cluster" (
    "id" TEXT NOT NULL,
    "datacenter_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "migration_limits" JSONB NOT NULL,

    CONSTRAINT "cluster_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "host" (
    "id" TEXT NOT NULL,
    "cluster_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "state_since" TIMESTAMPTZ(3) NOT NULL,
    "mode" TEXT NOT NULL,
    "mode_reason" TEXT,
    "public_key" TEXT NOT NULL,
    "facts" JSONB,
    "datastores" JSONB NOT NULL,
    "networks" TEXT[],
    "enrolled_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "host_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "vm" (
    "id" TEXT NOT NULL,
    "cluster_id" TEXT NOT NULL,
    "host_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "uuid" TEXT NOT NULL,
    "power" TEXT NOT NULL,
    "power_since" TIMESTAMPTZ(3) NOT NULL,
    "power_reason" TEXT,
    "vcpus" INTEGER NOT NULL,
    "memory_bytes" BIGINT NOT NULL,
    "disks" JSONB NOT NULL,
    "nics" JSONB NOT NULL,
    "stray_disks" JSONB,
    "also_on" JSONB,
    "notes" TEXT NOT NULL,
    "tags" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "vm_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "definition" (
    "id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "format" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,

    CONSTRAINT "definition_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "datastore" (
    "id" TEXT NOT NULL,
    "datacenter_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "uuid" TEXT NOT NULL,
    "capacity_bytes" BIGINT NOT NULL,
    "free_bytes" BIGINT NOT NULL,
    "images" JSONB NOT NULL,

    CONSTRAINT "datastore_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "network" (
    "id" TEXT NOT NULL,
    "datacenter_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "network_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "task" (
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "params" JSONB NOT NULL,
    "vm_id" TEXT,
    "vm_name" TEXT NOT NULL,
    "cluster_id" TEXT NOT NULL,
    "host_ids" TEXT[],
    "network_ids" TEXT[],
    "datastore_ids" TEXT[],
    "state" TEXT NOT NULL,
    "initiator" JSONB NOT NULL,
    "reason" TEXT,
    "steps" JSONB NOT NULL,
    "commands" INTEGER NOT NULL,
    "command" JSONB,
    "result" JSONB,
    "memo" JSONB NOT NULL,
    "waiting" JSONB,
    "outcome" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "wake_at" TIMESTAMPTZ(3),

    CONSTRAINT "task_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "token" (
    "id" TEXT NOT NULL,
    "cluster_id" TEXT NOT NULL,
    "secret_sha256" TEXT NOT NULL,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),
    "used_by_host_id" TEXT,

    CONSTRAINT "token_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "event_at_idx" ON "event"("at");

-- CreateIndex
CREATE INDEX "event_kind_seq_idx" ON "event"("kind", "seq");

-- CreateIndex
CREATE INDEX "event_severity_seq_idx" ON "event"("severity", "seq");

-- CreateIndex
CREATE INDEX "event_initiator_name_seq_idx" ON "event"("initiator_name", "seq");

-- CreateIndex
CREATE INDEX "event_task_id_idx" ON "event"("task_id");

-- CreateIndex
CREATE INDEX "event_subjects_idx" ON "event" USING GIN ("subjects");

-- CreateIndex
CREATE INDEX "cluster_datacenter_id_idx" ON "cluster"("datacenter_id");

-- CreateIndex
CREATE INDEX "host_cluster_id_idx" ON "host"("cluster_id");

-- CreateIndex
CREATE INDEX "vm_cluster_id_idx" ON "vm"("cluster_id");

-- CreateIndex
CREATE INDEX "vm_host_id_idx" ON "vm"("host_id");

-- CreateIndex
CREATE INDEX "datastore_datacenter_id_idx" ON "datastore"("datacenter_id");

-- CreateIndex
CREATE INDEX "network_datacenter_id_idx" ON "network"("datacenter_id");

-- CreateIndex
CREATE INDEX "task_created_at_idx" ON "task"("created_at");

-- CreateIndex
CREATE INDEX "task_vm_id_created_at_idx" ON "task"("vm_id", "created_at");

-- CreateIndex
CREATE INDEX "task_cluster_id_created_at_idx" ON "task"("cluster_id", "created_at");

-- CreateIndex
CREATE INDEX "task_host_ids_idx" ON "task" USING GIN ("host_ids");

-- AddForeignKey (by hand: deferred, because a batch writes its rows in any order)
ALTER TABLE "cluster" ADD CONSTRAINT "cluster_datacenter_id_fkey" FOREIGN KEY ("datacenter_id") REFERENCES "datacenter"("id") ON DELETE NO ACTION ON UPDATE NO ACTION DEFERRABLE INITIALLY DEFERRED;

-- AddForeignKey
ALTER TABLE "host" ADD CONSTRAINT "host_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster"("id") ON DELETE NO ACTION ON UPDATE NO ACTION DEFERRABLE INITIALLY DEFERRED;

-- AddForeignKey
ALTER TABLE "vm" ADD CONSTRAINT "vm_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster"("id") ON DELETE NO ACTION ON UPDATE NO ACTION DEFERRABLE INITIALLY DEFERRED;

-- AddForeignKey
ALTER TABLE "vm" ADD CONSTRAINT "vm_host_id_fkey" FOREIGN KEY ("host_id") REFERENCES "host"("id") ON DELETE NO ACTION ON UPDATE NO ACTION DEFERRABLE INITIALLY DEFERRED;

-- AddForeignKey
ALTER TABLE "definition" ADD CONSTRAINT "definition_id_fkey" FOREIGN KEY ("id") REFERENCES "vm"("id") ON DELETE NO ACTION ON UPDATE NO ACTION DEFERRABLE INITIALLY DEFERRED;

-- AddForeignKey
ALTER TABLE "datastore" ADD CONSTRAINT "datastore_datacenter_id_fkey" FOREIGN KEY ("datacenter_id") REFERENCES "datacenter"("id") ON DELETE NO ACTION ON UPDATE NO ACTION DEFERRABLE INITIALLY DEFERRED;

-- AddForeignKey
ALTER TABLE "network" ADD CONSTRAINT "network_datacenter_id_fkey" FOREIGN KEY ("datacenter_id") REFERENCES "datacenter"("id") ON DELETE NO ACTION ON UPDATE NO ACTION DEFERRABLE INITIALLY DEFERRED;

-- All that follows is by hand.

-- The two tables of one row each have their row from the start.
ALTER TABLE "leadership" ADD CONSTRAINT "leadership_one_row" CHECK ("id" = 1);
ALTER TABLE "ledger" ADD CONSTRAINT "ledger_one_row" CHECK ("id" = 1);
INSERT INTO "leadership" ("id") VALUES (1) ON CONFLICT DO NOTHING;
INSERT INTO "ledger" ("hash") VALUES (repeat('0', 64));

-- One VM for one uuid, as things stand at the end of a batch.
ALTER TABLE "vm" ADD CONSTRAINT "vm_uuid_key" UNIQUE ("uuid") DEFERRABLE INITIALLY DEFERRED;

-- One open task for one VM, as things stand at the end of a batch: a partial unique index cannot wait that long.
ALTER TABLE "task" ADD CONSTRAINT "task_one_open_per_vm" EXCLUDE USING btree ("vm_id" WITH =)
WHERE ("state" IN ('queued', 'running', 'cancelling')) DEFERRABLE INITIALLY DEFERRED;

-- History is only ever appended to.
CREATE FUNCTION refuse_to_rewrite_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'events are history: they cannot be changed or deleted (% was refused)', TG_OP
    USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER "event_is_history" BEFORE UPDATE OR DELETE OR TRUNCATE ON "event"
FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_history();
ALTER TABLE "event" ENABLE ALWAYS TRIGGER "event_is_history";

-- Makes searching in sentences fast. A server without the extension searches too, only slower.
DO $$
BEGIN
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
  CREATE INDEX "event_text_idx" ON "event" USING GIN ("text" gin_trgm_ops);
EXCEPTION WHEN OTHERS THEN
  RAISE NOTICE 'history is searched without an index: %', SQLERRM;
END $$;
