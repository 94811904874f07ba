# Builds the engine as for a system with kqueue(2) and without what only Linux has, over a test double of kqueue.
target_sources(bipoll_engine PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/kqueue_double.c
  ${CMAKE_CURRENT_LIST_DIR}/getpeereid_double.c)
target_include_directories(bipoll_engine SYSTEM BEFORE PUBLIC ${CMAKE_CURRENT_LIST_DIR}/include)
target_compile_definitions(bipoll_engine PUBLIC BP_HAS_KQUEUE _DEFAULT_SOURCE)
target_compile_options(bipoll_engine PUBLIC $<$<COMPILE_LANGUAGE:C>:-U__linux__>)
