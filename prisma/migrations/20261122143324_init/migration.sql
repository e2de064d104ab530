-- CreateTable
CREATE TABLE "leadership" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "term" BIGINT NOT NULL,
    "holder_id" TEXT NOT NULL,
    "taken_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "leadership_pkey" PRIMARY KEY ("id")
);
